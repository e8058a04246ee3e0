with stg_f16_activity_return__port_events as (
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
        delivered.port_event,
        delivered.event_date,
        delivered.port_name,
        delivered.port_type
    from {{ source('ods', 'f16_port_event') }} as delivered
)

select * from stg_f16_activity_return__port_events
