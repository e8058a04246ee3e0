select
    returns.org_code,
    returns.month_end,
    returns.org_id,
    returns.sender_org,
    returns.business_date,
    returns.version_no,
    returns.is_void,
    returns.returns,
    returns.reconsiderations_filed,
    returns.lawsuits_filed,
    returns.slice_version_id,
    returns.delivery_id,
    returns.line_no,
    returns.void_slice_version_id,
    returns.void_delivery_id,
    returns.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_legal_return') }} as returns
{{ join_day_status("returns.business_date", "returns.sender_org") }}
