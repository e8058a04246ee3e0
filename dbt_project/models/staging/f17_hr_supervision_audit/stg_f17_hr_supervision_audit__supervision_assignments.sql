with stg_f17_hr_supervision_audit__supervision_assignments as (
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
        delivered.assignment_date,
        delivered.person,
        delivered.matter,
        delivered.project_name
    from {{ source('ods', 'f17_supervision_assignment') }} as delivered
)

select * from stg_f17_hr_supervision_audit__supervision_assignments
