select
    records.audit_no,
    records.unit_code,
    records.unit_level,
    records.audit_type,
    records.audit_date,
    records.org_code,
    records.audit_body,
    records.org_id,
    records.sender_org,
    records.business_date,
    records.version_no,
    records.is_void,
    records.audited_units,
    records.slice_version_id,
    records.delivery_id,
    records.line_no,
    records.void_slice_version_id,
    records.void_delivery_id,
    records.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_audit_scope') }} as records
{{ join_day_status("records.business_date", "records.sender_org") }}
