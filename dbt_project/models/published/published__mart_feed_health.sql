select
    {{ month_end('business_date') }} as month_end,
    feed_code,
    org_code,
    sum(due)::bigint as due,
    sum(received)::bigint as received,
    sum(received - late)::bigint as on_time,
    sum(late)::bigint as late,
    sum(missing)::bigint as missing,
    sum(nil)::bigint as nil,
    sum(deliveries_held)::bigint as deliveries_held,
    sum(rows_accepted)::bigint as rows_accepted,
    sum(rows_quarantined)::bigint as rows_quarantined,
    sum(rows_waiting)::bigint as rows_waiting,
    sum(rows_held)::bigint as rows_held
from {{ as_of('fct_coverage') }} as coverage
group by month_end, feed_code, org_code
