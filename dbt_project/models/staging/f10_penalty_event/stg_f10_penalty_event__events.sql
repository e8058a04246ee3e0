with stg_f10_penalty_event__events as (
    select
        delivered.slice_version_id,
        delivered.delivery_id,
        delivered.sender_org,
        delivered.business_date,
        delivered.record_no,
        delivered.line_no,
        delivered.op,
        delivered.version_no,
        delivered.org_code,
        delivered.case_no,
        delivered.event_seq,
        delivered.event_type,
        delivered.event_time,
        delivered.procedure,
        delivered.party_type,
        delivered.party_code,
        delivered.party_name,
        delivered.cause_code,
        delivered.law_article,
        delivered.decision_no,
        delivered.fine_cny,
        delivered.confiscation_cny,
        delivered.paid_cny,
        delivered.campaign_code,
        delivered.decl_no,
        delivered.related_case_no,
        delivered.event_on,
        delivered.penalty_cny,
        delivered.penalty_currency
    from {{ source('ods', 'f10_penalty_event') }} as delivered
)

select * from stg_f10_penalty_event__events
