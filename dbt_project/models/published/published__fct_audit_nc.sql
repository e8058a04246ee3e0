select
    records.nc_no,
    records.audit_no,
    records.unit_code,
    records.unit_level,
    records.org_code,
    records.iso_clause,
    records.grade,
    records.description,
    records.root_cause,
    records.corrective_action,
    records.due_date,
    records.status,
    records.verified_date,
    scopes.audit_type,
    scopes.audit_date,
    records.org_id,
    records.sender_org,
    records.business_date,
    records.version_no,
    records.is_void,
    records.nonconformities,
    records.nonconformities_verified,
    records.slice_version_id,
    records.delivery_id,
    records.line_no,
    records.void_slice_version_id,
    records.void_delivery_id,
    records.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_audit_nc') }} as records
left join {{ as_of('fct_audit_scope') }} as scopes
    on records.audit_no = scopes.audit_no and records.unit_code = scopes.unit_code and not scopes.is_void
{{ join_day_status("records.business_date", "records.sender_org") }}
