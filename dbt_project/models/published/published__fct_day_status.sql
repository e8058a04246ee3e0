select
    it.business_date,
    it.org_code,
    it.completeness,
    it.missing_feeds,
    it.feeds_due,
    it.feeds_received
from {{ as_of('fct_day_status') }} as it
