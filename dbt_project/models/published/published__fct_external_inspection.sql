select
    records.inspection_no,
    records.topic,
    records.inspection_date,
    records.org_code,
    records.inspected_by,
    records.inspected_unit,
    records.outcome,
    records.org_id,
    records.sender_org,
    records.business_date,
    records.version_no,
    records.is_void,
    records.inspections,
    records.slice_version_id,
    records.delivery_id,
    records.line_no,
    records.void_slice_version_id,
    records.void_delivery_id,
    records.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_external_inspection') }} as records
{{ join_day_status("records.business_date", "records.sender_org") }}
