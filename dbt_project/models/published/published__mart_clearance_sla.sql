select
    {{ month_end('release_time::date') }} as month_end,
    org_id,
    ie_flag,
    coalesce(direct_release_mode, 'NONE') as direct_release_mode,
    count(*)::bigint as lots_released,
    count(hours_accept_to_release)::bigint as clearance_lots,
    sum(hours_accept_to_release)::numeric(20, 2) as clearance_hours_sum,
    count(*) filter (where hours_accept_to_release <= 24)::bigint as lots_within_24_hours,
    count(*) filter (where hours_accept_to_release <= 72)::bigint as lots_within_72_hours,
    count(*) filter (where hours_accept_to_release > 168)::bigint as lots_over_7_days,
    count(*) filter (where is_released_off_hours)::bigint as lots_released_off_hours
from {{ as_of('fct_inspection_lot') }} as lots
where release_time is not null and not is_void
group by month_end, org_id, ie_flag, direct_release_mode
