-- If this goes, a dashboard over fct_value and one over fct_volume show different totals for the same day.
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
        volume.value_usd_header as volume_usd,
        0 as value_usd
    from days
    inner join {{ next_state('fct_volume') }} as volume
        on days.stat_date = volume.stat_date and days.org_id = volume.org_id
    union all
    select
        value.stat_date,
        value.org_id,
        value.ie_flag,
        0 as volume_usd,
        value.value_usd
    from days
    inner join {{ next_state('fct_value') }} as value
        on days.stat_date = value.stat_date and days.org_id = value.org_id
)

select
    stat_date,
    org_id,
    ie_flag,
    sum(volume_usd) as volume_usd,
    sum(value_usd) as value_usd
from sums
group by stat_date, org_id, ie_flag
having sum(volume_usd) <> sum(value_usd)
