select
    records.event_no,
    records.std_no,
    records.std_event,
    records.event_date,
    records.org_code,
    records.superseded_by,
    records.org_id,
    records.sender_org,
    records.business_date,
    records.version_no,
    records.is_void,
    records.entries,
    records.std_no_sent,
    records.slice_version_id,
    records.delivery_id,
    records.line_no,
    records.void_slice_version_id,
    records.void_delivery_id,
    records.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_standard_event') }} as records
{{ join_day_status("records.business_date", "records.sender_org") }}
