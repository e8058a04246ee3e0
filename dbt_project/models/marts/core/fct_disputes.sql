{{
    config(
        unique_key=['matter_no'],
        meta={
            'readers': 'province',
            'affected_by': 'int_affected__matters',
            'affected_columns': ['matter_no'],
            'indexes': [['matter_no'], ['accepted_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}
-- depends_on: {{ ref('int_affected__matters') }}

with folded as (
    select * from {{ ref('int_disputes__folded') }}
),

quarantined as (
    select distinct matters.matter_no
    from {{ ref('int_dispute_cases__matters') }} as matters
    inner join {{ ref('stg_quarantine__open_rows') }} as open_rows on matters.case_no = open_rows.case_no
),

fct_disputes as (
    select
        folded.matter_no,
        folded.case_kind,
        folded.org_id,
        folded.office,
        folded.sender_org,
        folded.business_date,
        folded.state,
        folded.outcome,
        {{ unknown('folded.channel') }} as channel,
        {{ unknown('folded.target_type') }} as target_type,
        folded.anonymous_flag,
        folded.subject,
        folded.authority,
        folded.assigned_org,
        folded.due_date,
        folded.related_case_no,
        folded.first_event_on,
        folded.accepted_date,
        folded.filed_date,
        folded.closed_date,
        folded.is_closed,
        folded.is_open,
        folded.is_void,
        quarantined.matter_no is not null as has_open_quarantine,
        {% for measure, kind, day in [
            ('complaints_accepted', 'COMPLAINT', 'accepted_date'),
            ('reports_accepted', 'REPORT', 'accepted_date'),
            ('reconsiderations_filed', 'RECONSIDERATION', 'filed_date'),
            ('lawsuits_filed', 'LITIGATION', 'filed_date'),
        ] -%}
        (folded.case_kind = '{{ kind }}' and folded.{{ day }} is not null and not folded.is_void)::int
            as {{ measure }},
        {% endfor -%}
        case when folded.is_void then 0 else folded.cases end as cases,
        case when folded.is_void then 0 else folded.events end as events,
        folded.closed_date - coalesce(folded.accepted_date, folded.filed_date) as days_to_closed,
        folded.slice_version_id,
        folded.delivery_id,
        folded.line_no
    from folded
    left join quarantined on folded.matter_no = quarantined.matter_no
)

{{ versioned('fct_disputes') }}
