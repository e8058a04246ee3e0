{{
    config(
        unique_key=['event_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'health_event',
            'affected_columns': ['event_no'],
            'indexes': [['event_no'], ['event_date', 'org_id'], ['business_date', 'sender_org'], ['conveyance_id', 'event_date']],
        },
    )
}}

-- What was inspected is a conveyance or its containers; who came with it is in fct_health_screening, too.
with events as (
    select * from {{ ref('int_health_events__current') }}
    where event_type <> 'PERSON'
),

fct_conveyance_quarantine as (
    select
        events.event_no,
        events.event_date,
        {{ branch_above('events.org_code', 'events.event_date') }} as org_id,
        events.org_code,
        events.sender_org,
        events.row_business_date as business_date,
        events.event_type,
        events.port,
        {{ unknown('events.from_country') }} as from_country,
        events.conveyance_id,
        {{ unknown('events.vector_code') }} as vector_code,
        events.vector_latin,
        coalesce(events.pathogen_positive = '1', false) as is_pathogen_positive,
        {{ unknown('events.treatment') }} as treatment,
        events.treatment_operator,
        events.version_no,
        events.is_deleted as is_void,
        (not events.is_deleted)::int as events,
        case when events.is_deleted then 0 else events.inspected_cnt end as inspected,
        case when events.is_deleted then 0 else coalesce(events.vector_positive_cnt, 0) end as vector_positive,
        case when events.is_deleted then 0 else coalesce(events.vector_qty, 0) end as vectors,
        events.slice_version_id,
        events.delivery_id,
        events.line_no,
        events.void_slice_version_id,
        events.void_delivery_id,
        events.void_line_no
    from events
)

{{ versioned('fct_conveyance_quarantine') }}
