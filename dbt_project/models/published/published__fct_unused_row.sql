select
    it.feed_code,
    nullif(it.decl_no, it.item) as decl_no,
    it.version_no,
    it.sender_org,
    it.business_date,
    it.fate,
    it.reason,
    it.currency,
    it.value_orig,
    it.value_usd,
    it.slice_version_id,
    it.delivery_id,
    it.record_no,
    it.line_no,
    it.item
from {{ as_of('fct_unused_row') }} as it
