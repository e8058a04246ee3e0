with stg_f14_lab_management__self_checks as (
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
        delivered.check_no,
        delivered.lab_code,
        delivered.check_date,
        delivered.issues_found
    from {{ source('ods', 'f14_self_check') }} as delivered
)

select * from stg_f14_lab_management__self_checks
