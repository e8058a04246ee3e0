with stg_f16_activity_return__recognitions as (
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
        delivered.recognition_no,
        delivered.recognition_type,
        delivered.recognition_date,
        delivered.recipient,
        delivered.leader_level,
        delivered.rank_no,
        delivered.issuer
    from {{ source('ods', 'f16_recognition') }} as delivered
)

select * from stg_f16_activity_return__recognitions
