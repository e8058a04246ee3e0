with stg_f15_qms_audit__assignments as (
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
        delivered.assignment_no,
        delivered.audit_no,
        delivered.auditor_id,
        delivered.role
    from {{ source('ods', 'f15_assignment') }} as delivered
)

select * from stg_f15_qms_audit__assignments
