with month_statuses as (
    {{ running_month_statuses() }}
),

months as (
    select
        {{ month_end('issued_on') }} as month_end,
        org_id,
        ie_flag,
        cert_type,
        sum(certificates)::bigint as certificates,
        count(*) filter (where is_void)::bigint as certificates_void,
        count(*) filter (where is_issued_off_hours and not is_void)::bigint as certificates_off_hours
    from {{ as_of('fct_certificate') }} as issued
    group by month_end, org_id, ie_flag, cert_type
)

select
    months.month_end,
    months.org_id,
    months.ie_flag,
    months.cert_type,
    months.certificates,
    months.certificates_void,
    months.certificates_off_hours,
    coalesce(month_statuses.completeness, 'provisional') as completeness
from months
left join month_statuses on months.month_end = month_statuses.month_end and months.org_id = month_statuses.org_code
