select
    records.lab_code,
    records.recognition_code,
    records.recognition_date,
    records.org_code,
    records.valid_until,
    records.org_id,
    records.sender_org,
    records.business_date,
    records.version_no,
    records.is_void,
    records.recognitions,
    records.slice_version_id,
    records.delivery_id,
    records.line_no,
    records.void_slice_version_id,
    records.void_delivery_id,
    records.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_lab_recognition') }} as records
{{ join_day_status("records.business_date", "records.sender_org") }}
