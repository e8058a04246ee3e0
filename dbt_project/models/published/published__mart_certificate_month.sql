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
