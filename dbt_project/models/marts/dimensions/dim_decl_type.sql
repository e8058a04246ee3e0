with dim_decl_type as (
    select
        code as decl_type,
        name_zh,
        name_en,
        attributes ->> 'ie_flag' as ie_flag,
        -- Q12: exchanged certificates and packaging are no lots of goods; the origin lot is.
        attributes ->> 'counts_in_goods_total' = '1' as counts_in_goods_total
    from {{ source('ref', 'code') }}
    where list_id = 'decl_type'
    union all
    select 'UNKNOWN', '未知', 'Unknown', 'UNKNOWN', false
)

select * from dim_decl_type
