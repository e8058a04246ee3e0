with stg_f16_activity_return__report_submissions as (
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
        delivered.report_code,
        delivered.report_kind,
        delivered.report_date,
        delivered.submit_time,
        delivered.submit_status,
        delivered.row_cnt,
        delivered.submission_no,
        delivered.submit_date
    from {{ source('ods', 'f16_report_submission') }} as delivered
)

select * from stg_f16_activity_return__report_submissions
