select
    it.feed_code,
    it.org_code,
    it.business_date,
    it.due,
    it.received,
    it.held,
    it.missing,
    it.nil,
    it.late,
    it.deliveries_held,
    it.rows_accepted,
    it.rows_quarantined,
    it.rows_waiting,
    it.rows_held,
    it.value_usd_quarantined
from {{ as_of('fct_coverage') }} as it
