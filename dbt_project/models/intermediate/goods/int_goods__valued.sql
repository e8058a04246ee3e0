with int_goods__valued as (
    select
        goods.*,
        -- A line in the header's currency uses its rate; the value of others is unknown and shows as UNALLOCATED (Q5).
        case
            when goods.currency = declarations.currency
                then {{ in_usd('goods.goods_value', 'declarations.usd_rate') }}
        end::numeric(18, 2) as value_usd,
        goods.currency = declarations.currency as is_header_currency,
        coalesce(
            case declarations.ie_flag when 'I' then goods.origin_country end,
            declarations.partner_country
        ) as country
    from {{ ref('int_goods__current') }} as goods
    inner join {{ ref('int_declarations__current') }} as declarations
        on goods.decl_no = declarations.decl_no
)

select * from int_goods__valued
