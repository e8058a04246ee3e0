with stg_f15_qms_audit__scopes as (
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
        delivered.audit_no,
        delivered.audit_type,
        delivered.unit_level,
        delivered.unit_code,
        delivered.audit_date,
        delivered.audit_body
    from {{ source('ods', 'f15_audit_scope') }} as delivered
)

select * from stg_f15_qms_audit__scopes
