with stg_f14_lab_management__standard_events as (
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
        delivered.event_no,
        delivered.std_no,
        delivered.std_event,
        delivered.event_date,
        delivered.superseded_by
    from {{ source('ods', 'f14_standard_event') }} as delivered
)

select * from stg_f14_lab_management__standard_events
