with slices as (
    select
        published.slice_version_id,
        -- The place of a delivery in the sender's order (decisions 1.2) as a number: cheap to sort many rows by.
        row_number() over (order by versions.place, versions.slice_version_id) as place_no
    from {{ source('audit', 'slice_publication') }} as published
    inner join {{ source('audit', 'slice_version') }} as versions
        on published.slice_version_id = versions.slice_version_id
    where published.feed_code = 'F02' and published.known_to_no is null
),

stg_f02_goods__goods as (
    select
        slices.place_no,
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
    inner join slices on delivered.slice_version_id = slices.slice_version_id
)

select * from stg_f02_goods__goods
