with stg_f14_lab_management__issues as (
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
        delivered.issue_no,
        delivered.lab_code,
        delivered.found_date,
        delivered.category,
        delivered.severity,
        delivered.description,
        delivered.rectified_date
    from {{ source('ods', 'f14_issue') }} as delivered
)

select * from stg_f14_lab_management__issues
