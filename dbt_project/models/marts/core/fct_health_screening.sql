{{
    config(
        unique_key=['event_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'health_event',
            'affected_columns': ['event_no'],
            'indexes': [['event_no'], ['event_date', 'org_id'], ['business_date', 'sender_org'], ['cluster_id']],
        },
    )
}}

-- Whoever was screened: alone, or as crew and passengers of a conveyance.
with events as (
    select * from {{ ref('int_health_events__current') }}
    where event_type = 'PERSON' or persons_screened > 0 or disease_code is not null
),

fct_health_screening as (
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
        events.disease_code,
        events.cluster_id,
        coalesce(events.confirmed_flag = '1', false) as is_confirmed,
        {{ unknown('events.treatment') }} as treatment,
        events.version_no,
        events.is_deleted as is_void,
        (not events.is_deleted)::int as events,
        case when events.is_deleted then 0 else coalesce(events.persons_screened, 0) end as persons_screened,
        case when events.is_deleted then 0 else coalesce(events.fever_cnt, 0) end as persons_with_fever,
        (not events.is_deleted and coalesce(events.confirmed_flag = '1', false))::int as diseases_confirmed,
        events.slice_version_id,
        events.delivery_id,
        events.line_no,
        events.void_slice_version_id,
        events.void_delivery_id,
        events.void_line_no
    from events
)

{{ versioned('fct_health_screening') }}
