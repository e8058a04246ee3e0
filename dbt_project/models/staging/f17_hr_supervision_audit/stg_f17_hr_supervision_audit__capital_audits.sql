with stg_f17_hr_supervision_audit__capital_audits as (
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
        delivered.project_no,
        delivered.project_name,
        delivered.audit_date,
        delivered.submitted_cny,
        delivered.approved_cny
    from {{ source('ods', 'f17_capital_audit') }} as delivered
)

select * from stg_f17_hr_supervision_audit__capital_audits
