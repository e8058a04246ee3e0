{{
    config(
        unique_key=['case_no', 'event_seq'],
        meta={
            'readers': 'province',
            'affected_by': 'int_affected__cases',
            'affected_columns': ['case_no'],
            'indexes': [['case_no'], ['matter_no'], ['milestone_date'], ['business_date', 'sender_org']],
        },
    )
}}
-- depends_on: {{ ref('int_affected__cases') }}

{%- set columns -%}
    events.event_seq,
        events.event_type as milestone,
        events.event_on as milestone_date,
        events.event_time as milestone_time,
        cases.org_id,
        events.org_code as office,
        events.sender_org,
        events.row_business_date as business_date,
        events.version_no,
        1 as events,
        events.slice_version_id,
        events.delivery_id,
        events.line_no
{%- endset %}

with fct_case_milestone as (
    select
        'PENALTY' as case_kind,
        cases.case_no,
        cases.case_no as matter_no,
        {{ columns }}
    from {{ ref('int_penalty_events__current') }} as events
    inner join {{ ref('int_penalties__folded') }} as cases on events.case_no = cases.case_no
    where not events.is_deleted
    union all
    select
        cases.case_kind,
        cases.case_no,
        matters.matter_no,
        {{ columns }}
    from {{ ref('int_dispute_events__current') }} as events
    inner join {{ ref('int_dispute_cases__folded') }} as cases on events.case_no = cases.case_no
    inner join {{ ref('int_dispute_cases__matters') }} as matters on events.case_no = matters.case_no
    where not events.is_deleted
)

{{ versioned('fct_case_milestone') }}
