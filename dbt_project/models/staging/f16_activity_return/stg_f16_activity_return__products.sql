with stg_f16_activity_return__products as (
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
        delivered.product_class,
        delivered.product_name,
        delivered.activity_no
    from {{ source('ods', 'f16_activity_product') }} as delivered
)

select * from stg_f16_activity_return__products
