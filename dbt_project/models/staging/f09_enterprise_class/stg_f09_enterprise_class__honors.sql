with stg_f09_enterprise_class__honors as (
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
        delivered.honor_code,
        delivered.honor_level,
        delivered.year
    from {{ source('ods', 'f09_ent_honor') }} as delivered
)

select * from stg_f09_enterprise_class__honors
