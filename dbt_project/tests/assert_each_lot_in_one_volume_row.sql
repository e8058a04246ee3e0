-- If this goes, lots are counted twice or not at all, and sums over a dimension are not the total.
with days as (
    select distinct
        stat_date,
        org_id
    from {{ ref('int_affected__days') }}
),

sums as (
    select
        volume.stat_date,
        volume.org_id,
        volume.ie_flag,
        volume.lots,
        volume.lots_nonconforming,
        0 as counted,
        0 as counted_nonconforming
    from days
    inner join {{ next_state('fct_volume') }} as volume
        on days.stat_date = volume.stat_date and days.org_id = volume.org_id
    union all
    select
        lots.stat_date,
        lots.org_id,
        lots.ie_flag,
        0 as lots,
        0 as lots_nonconforming,
        1 as counted,
        lots.is_nonconforming::int as counted_nonconforming
    from days
    inner join {{ next_state('fct_inspection_lot') }} as lots
        on days.stat_date = lots.stat_date and days.org_id = lots.org_id
    where lots.is_counted
)

select
    stat_date,
    org_id,
    ie_flag,
    sum(lots) as lots,
    sum(counted) as counted,
    sum(lots_nonconforming) as lots_nonconforming,
    sum(counted_nonconforming) as counted_nonconforming
from sums
group by stat_date, org_id, ie_flag
having sum(lots) <> sum(counted) or sum(lots_nonconforming) <> sum(counted_nonconforming)
