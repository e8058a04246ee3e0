with month_statuses as (
    {{ running_month_statuses() }}
),

released as (
    select
        {{ month_end('release_time::date') }} as month_end,
        org_id,
        ie_flag,
        coalesce(direct_release_mode, 'NONE') as release_mode,
        hours_accept_to_release,
        is_released_off_hours
    from {{ as_of('fct_inspection_lot') }} as lots
    where release_time is not null and not is_void
),

months as (
    select
        month_end,
        org_id,
        ie_flag,
        release_mode,
        count(*)::bigint as lots_released,
        count(hours_accept_to_release)::bigint as lots_timed,
        sum(hours_accept_to_release)::numeric(20, 2) as hours_sum,
        count(*) filter (where hours_accept_to_release <= 24)::bigint as lots_within_24_hours,
        count(*) filter (where hours_accept_to_release <= 72)::bigint as lots_within_72_hours,
        count(*) filter (where hours_accept_to_release > 168)::bigint as lots_over_7_days,
        count(*) filter (where is_released_off_hours)::bigint as lots_released_off_hours
    from released
    group by month_end, org_id, ie_flag, release_mode
)

select
    months.month_end,
    months.org_id,
    months.ie_flag,
    months.release_mode,
    months.lots_released,
    months.lots_timed,
    months.hours_sum,
    months.lots_within_24_hours,
    months.lots_within_72_hours,
    months.lots_over_7_days,
    months.lots_released_off_hours,
    coalesce(month_statuses.completeness, 'provisional') as completeness
from months
left join month_statuses on months.month_end = month_statuses.month_end and months.org_id = month_statuses.org_code
