with scopes as (
    select
        audit_no,
        min(audit_type) as audit_type,
        min(audit_date) as audit_date
    from {{ as_of('fct_audit_scope') }} as units
    where not is_void
    group by audit_no
)

select
    records.assignment_no,
    records.audit_no,
    records.auditor_id,
    records.role,
    records.org_code,
    scopes.audit_type,
    scopes.audit_date,
    records.org_id,
    records.sender_org,
    records.business_date,
    records.version_no,
    records.is_void,
    records.assignments,
    records.slice_version_id,
    records.delivery_id,
    records.line_no,
    records.void_slice_version_id,
    records.void_delivery_id,
    records.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_audit_assignment') }} as records
left join scopes on records.audit_no = scopes.audit_no
{{ join_day_status("records.business_date", "records.sender_org") }}
