with stg_f09_enterprise_class__assessments as (
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
        delivered.ent_code,
        delivered.assess_no,
        delivered.org_inst_code,
        delivered.ent_name,
        delivered.city,
        delivered.product_group,
        delivered.product_risk,
        delivered.assess_type,
        delivered.class_code,
        delivered.prev_class_code,
        delivered.apply_date,
        delivered.review_date,
        delivered.approve_date,
        delivered.effective_from,
        delivered.effective_to,
        delivered.approver_org,
        delivered.supervision_mode,
        delivered.status
    from {{ source('ods', 'f09_ent_class') }} as delivered
)

select * from stg_f09_enterprise_class__assessments
