with stg_f02_goods__goods as (
    select
        delivered.slice_version_id,
        delivered.delivery_id,
        delivered.sender_org,
        delivered.business_date,
        delivered.record_no,
        delivered.line_no,
        delivered.op,
        delivered.version_no,
        delivered.decl_no,
        delivered.goods_no,
        delivered.hs_code,
        delivered.ciq_code,
        delivered.goods_name_cn,
        delivered.supervision_cond,
        delivered.ciq_category,
        delivered.origin_country,
        delivered.qty,
        delivered.qty_unit,
        delivered.weight_net,
        delivered.weight_unit,
        delivered.goods_value,
        delivered.currency
    from {{ source('ods', 'f02_goods') }} as delivered
)

select * from stg_f02_goods__goods
