select
    {{ month_end('business_date') }} as month_end,
    feed_code,
    org_code,
    sum(due)::bigint as due,
    coalesce(sum(received) filter (where due = 1), 0)::bigint as received,
    coalesce(sum(received - late) filter (where due = 1), 0)::bigint as on_time,
    coalesce(sum(received) filter (where due = 0), 0)::bigint as not_due,
    coalesce(sum(late) filter (where due = 1), 0)::bigint as late,
    sum(missing)::bigint as missing,
    sum(nil)::bigint as nil,
    sum(deliveries_held)::bigint as deliveries_held,
    sum(rows_accepted)::bigint as rows_accepted,
    sum(rows_quarantined)::bigint as rows_quarantined,
    sum(rows_waiting)::bigint as rows_waiting,
    sum(rows_held)::bigint as rows_held
from {{ as_of('fct_coverage') }} as coverage
group by month_end, feed_code, org_code
