with stg_f16_activity_return__demo_zones as (
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
        delivered.zone_event_no,
        delivered.zone_type,
        delivered.zone_event,
        delivered.zone_level,
        delivered.event_date,
        delivered.zone_name,
        delivered.product
    from {{ source('ods', 'f16_demo_zone') }} as delivered
)

select * from stg_f16_activity_return__demo_zones
