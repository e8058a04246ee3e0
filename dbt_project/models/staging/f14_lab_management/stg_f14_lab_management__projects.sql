with stg_f14_lab_management__projects as (
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
        delivered.title,
        delivered.level,
        delivered.approve_date,
        delivered.lead_org
    from {{ source('ods', 'f14_research_project') }} as delivered
)

select * from stg_f14_lab_management__projects
