with evaluated as (
    select
        {{ month_end('stat_date') }} as month_end,
        org_id,
        ie_flag,
        {{ goods_category('principal_hs6') }} as goods_category,
        case when principal_hs6 = 'NONE' then 'NONE' else left(principal_hs6, 2) end as hs2,
        coalesce(nc_category, 'NONE') as nc_category,
        sum(lots)::bigint as lots,
        sum(lots_nonconforming)::bigint as lots_nonconforming
    from {{ as_of('fct_inspection_lot') }} as lots
    where is_counted
    group by month_end, org_id, ie_flag, goods_category, hs2, nc_category
)

select
    month_end,
    org_id,
    ie_flag,
    goods_category,
    hs2,
    nc_category,
    lots,
    lots - lots_nonconforming as lots_conforming,
    lots_nonconforming
from evaluated
