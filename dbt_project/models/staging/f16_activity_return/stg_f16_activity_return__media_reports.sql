with stg_f16_activity_return__media_reports as (
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
        delivered.media_no,
        delivered.report_date,
        delivered.outlet,
        delivered.topic,
        delivered.campaign,
        delivered.title
    from {{ source('ods', 'f16_media_report') }} as delivered
)

select * from stg_f16_activity_return__media_reports
