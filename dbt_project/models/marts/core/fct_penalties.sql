{{
    config(
        unique_key=['case_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__penalty_cases',
            'affected_columns': ['case_no'],
            'indexes': [['case_no'], ['decided_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with folded as (
    select * from {{ ref('int_penalties__folded') }}
),

quarantined as (
    select distinct open_rows.case_no
    from {{ ref('int_affected__penalty_cases') }} as affected
    inner join {{ ref('stg_quarantine__open_rows') }} as open_rows on affected.case_no = open_rows.case_no
),

fct_penalties as (
    select
        folded.case_no,
        folded.org_id,
        folded.office,
        folded.sender_org,
        folded.business_date,
        folded.state,
        folded.procedure,
        folded.party_type,
        folded.party_code,
        folded.party_name,
        folded.cause_code,
        {{ unknown('folded.campaign_code') }} as campaign_code,
        folded.law_article,
        folded.decision_no,
        folded.decl_no,
        folded.related_case_no,
        folded.first_event_on,
        folded.last_event_on,
        folded.filed_date,
        folded.decided_date,
        folded.closed_date,
        folded.is_transferred,
        folded.is_void,
        quarantined.case_no is not null as has_open_quarantine,
        (folded.filed_date is not null and not folded.is_transferred and not folded.is_void)::int as cases_filed,
        (folded.decided_date is not null and not folded.is_void)::int as cases_decided,
        (folded.closed_date is not null and not folded.is_transferred and not folded.is_void)::int as cases_closed,
        case when folded.is_void then 0 else coalesce(folded.fine_cny, 0) end::numeric(18, 2) as fine_cny,
        case when folded.is_void then 0 else coalesce(folded.confiscation_cny, 0) end::numeric(18, 2)
            as confiscation_cny,
        case when folded.is_void then 0 else coalesce(folded.paid_cny, 0) end::numeric(18, 2) as paid_cny,
        case when folded.is_void then 0 else folded.events end as events,
        folded.decided_date - folded.filed_date as days_filed_to_decided,
        folded.closed_date - folded.decided_date as days_decided_to_closed,
        folded.slice_version_id,
        folded.delivery_id,
        folded.line_no
    from folded
    left join quarantined on folded.case_no = quarantined.case_no
)

{{ versioned('fct_penalties') }}
