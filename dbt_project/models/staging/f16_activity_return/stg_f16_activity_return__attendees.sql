with stg_f16_activity_return__attendees as (
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
        delivered.attendee_no,
        delivered.attendee_type,
        delivered.attendee_org,
        delivered.ent_code,
        delivered.person,
        delivered.activity_no
    from {{ source('ods', 'f16_activity_attendee') }} as delivered
)

select * from stg_f16_activity_return__attendees
