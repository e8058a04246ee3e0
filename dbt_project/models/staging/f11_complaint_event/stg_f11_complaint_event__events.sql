with stg_f11_complaint_event__events as (
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
        delivered.channel,
        delivered.case_type,
        delivered.received_time,
        delivered.accept_flag,
        delivered.not_accept_reason,
        delivered.complainant,
        delivered.subject,
        delivered.target_type,
        delivered.assigned_org,
        delivered.due_date,
        delivered.result,
        delivered.anonymous_flag,
        delivered.root_case_no,
        delivered.event_on
    from {{ source('ods', 'f11_complaint_event') }} as delivered
)

select * from stg_f11_complaint_event__events
