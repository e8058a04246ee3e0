with stg_f16_activity_return__activities as (
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
        delivered.act_code,
        delivered.act_date,
        delivered.seq,
        delivered.title,
        delivered.place,
        delivered.session_cnt,
        delivered.enterprise_cnt,
        delivered.person_cnt,
        delivered.expert_cnt,
        delivered.partner_org,
        delivered.joint_no,
        delivered.list_complete,
        delivered.activity_no
    from {{ source('ods', 'f16_activity') }} as delivered
)

select * from stg_f16_activity_return__activities
