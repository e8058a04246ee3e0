select
    it.feed_code,
    it.entity,
    it.key,
    it.item,
    it.version_no,
    it.sender_org,
    it.business_date,
    it.fate,
    it.reason,
    it.currency,
    it.value_orig,
    it.slice_version_id,
    it.delivery_id,
    it.line_no,
    it.record_no
from {{ as_of('fct_unused_case_row') }} as it
