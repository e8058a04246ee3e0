select
    it.rule_id,
    it.feed_code,
    it.severity,
    it.decl_no,
    it.item_no,
    it.version_no,
    it.sender_org,
    it.business_date,
    it.expected,
    it.found,
    it.findings,
    it.slice_version_id,
    it.delivery_id,
    it.line_no
from {{ as_of('fct_finding') }} as it
