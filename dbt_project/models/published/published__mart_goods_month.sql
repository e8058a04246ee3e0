with month_statuses as (
    {{ running_month_statuses() }}
),

lots as (
    select
        {{ month_end('stat_date') }} as month_end,
        org_id,
        ie_flag,
        {{ goods_category('principal_hs6') }} as goods_category,
        sum(lots)::bigint as lots,
        sum(lots - lots_nonconforming)::bigint as lots_conforming,
        sum(lots_nonconforming)::bigint as lots_nonconforming,
        sum(value_usd_header)::numeric(20, 2) as value_usd
    from {{ as_of('fct_volume') }} as volume
    group by month_end, org_id, ie_flag, goods_category
)

select
    lots.month_end,
    lots.org_id,
    lots.ie_flag,
    lots.goods_category,
    lots.lots,
    lots.lots_conforming,
    lots.lots_nonconforming,
    lots.value_usd,
    coalesce(month_statuses.completeness, 'provisional') as completeness
from lots
left join month_statuses on lots.month_end = month_statuses.month_end and lots.org_id = month_statuses.org_code
