with stg_n08_wood_integrity__snapshots as (
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
        delivered.month_end,
        delivered.pilot_flag,
        delivered.benefit_flag,
        delivered.integrity_level,
        delivered.pass_rate
    from {{ source('ods', 'n08_wood_integrity') }} as delivered
)

select * from stg_n08_wood_integrity__snapshots
