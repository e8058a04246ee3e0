with stg_f12_legal_review__events as (
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
        delivered.case_type,
        delivered.authority,
        delivered.filed_date,
        delivered.related_case_no,
        delivered.outcome,
        delivered.close_date,
        delivered.event_on
    from {{ source('ods', 'f12_legal_review') }} as delivered
)

select * from stg_f12_legal_review__events
