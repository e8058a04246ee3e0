with stg_f14_lab_management__recognitions as (
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
        delivered.lab_code,
        delivered.recognition_code,
        delivered.recognition_date,
        delivered.valid_until
    from {{ source('ods', 'f14_recognition') }} as delivered
)

select * from stg_f14_lab_management__recognitions
