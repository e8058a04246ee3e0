with stg_f17_hr_supervision_audit__hr_actions as (
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
        delivered.action_no,
        delivered.hr_action,
        delivered.action_date,
        delivered.person,
        delivered.direction,
        delivered.batch_no,
        delivered.from_unit,
        delivered.to_unit
    from {{ source('ods', 'f17_hr_action') }} as delivered
)

select * from stg_f17_hr_supervision_audit__hr_actions
