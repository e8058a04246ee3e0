with stg_f15_qms_audit__nonconformities as (
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
        delivered.nc_no,
        delivered.audit_no,
        delivered.unit_level,
        delivered.unit_code,
        delivered.iso_clause,
        delivered.grade,
        delivered.description,
        delivered.root_cause,
        delivered.corrective_action,
        delivered.due_date,
        delivered.status,
        delivered.verified_date
    from {{ source('ods', 'f15_nonconformity') }} as delivered
)

select * from stg_f15_qms_audit__nonconformities
