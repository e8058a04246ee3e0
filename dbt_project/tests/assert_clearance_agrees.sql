-- If this goes, hours of clearance are summed twice or not at all, and their mean is no mean of lots.
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
        volume.clearance_hours_sum as hours,
        volume.clearance_lots as lots
    from days
    inner join {{ next_state('fct_volume') }} as volume
        on days.stat_date = volume.stat_date and days.org_id = volume.org_id
    union all
    select
        lots.stat_date,
        lots.org_id,
        -lots.hours_accept_to_release,
        -1
    from days
    inner join {{ next_state('fct_inspection_lot') }} as lots
        on days.stat_date = lots.stat_date and days.org_id = lots.org_id
    where lots.is_counted and lots.hours_accept_to_release is not null
)

select
    stat_date,
    org_id,
    sum(hours) as hours,
    sum(lots) as lots
from sums
group by stat_date, org_id
having sum(hours) <> 0 or sum(lots) <> 0
