select
    records.check_no,
    records.lab_code,
    records.check_date,
    records.org_code,
    records.issues_found,
    records.org_id,
    records.sender_org,
    records.business_date,
    records.version_no,
    records.is_void,
    records.self_checks,
    records.slice_version_id,
    records.delivery_id,
    records.line_no,
    records.void_slice_version_id,
    records.void_delivery_id,
    records.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_lab_self_check') }} as records
{{ join_day_status("records.business_date", "records.sender_org") }}
