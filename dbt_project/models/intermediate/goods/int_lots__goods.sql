with int_lots__goods as (
    select
        decl_no,
        count(*)::int as goods_lines,
        sum(goods_value) filter (where is_header_currency) as goods_value,
        sum(value_usd) as value_usd_lines,
        sum(net_weight_kg)::numeric(20, 4) as net_weight_kg,
        bool_and(is_header_currency) as is_one_currency,
        max(goods_no) as last_goods_no,
        -- Principal line: highest value, nulls last, ties to the lowest number (decisions 6).
        (array_agg(hs_code order by value_usd desc nulls last, goods_no))[1] as principal_hs_code,
        (array_agg(goods_no order by value_usd desc nulls last, goods_no))[1] as principal_goods_no
    from {{ ref('int_goods__valued') }}
    where not is_deleted
    group by decl_no
)

select * from int_lots__goods
