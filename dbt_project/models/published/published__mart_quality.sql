with month_statuses as (
    {{ running_month_statuses() }}
),

evaluated as (
    select
        {{ month_end('stat_date') }} as month_end,
        org_id,
        ie_flag,
        {{ goods_category('principal_hs6') }} as goods_category,
        case when principal_hs6 = 'NONE' then 'NONE' else left(principal_hs6, 2) end as hs2,
        coalesce(nc_category, 'NONE') as category,
        lots,
        lots_nonconforming
    from {{ as_of('fct_inspection_lot') }} as counted
    where is_counted
),

months as (
    select
        month_end,
        org_id,
        ie_flag,
        goods_category,
        hs2,
        category as nc_category,
        sum(lots)::bigint as lots,
        sum(lots_nonconforming)::bigint as lots_nonconforming
    from evaluated
    group by month_end, org_id, ie_flag, goods_category, hs2, category
)

select
    months.month_end,
    months.org_id,
    months.ie_flag,
    months.goods_category,
    months.hs2,
    months.nc_category,
    months.lots,
    months.lots - months.lots_nonconforming as lots_conforming,
    months.lots_nonconforming,
    coalesce(month_statuses.completeness, 'provisional') as completeness
from months
left join month_statuses on months.month_end = month_statuses.month_end and months.org_id = month_statuses.org_code
