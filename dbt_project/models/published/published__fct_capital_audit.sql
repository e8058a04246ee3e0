select
    capital_audits.project_no,
    capital_audits.org_id,
    capital_audits.org_code,
    capital_audits.project_name,
    capital_audits.audit_date,
    case when not capital_audits.is_void then capital_audits.submitted_cny end as submitted_cny,
    case when not capital_audits.is_void then capital_audits.approved_cny end as approved_cny,
    capital_audits.sender_org,
    capital_audits.business_date,
    capital_audits.version_no,
    capital_audits.is_void,
    capital_audits.projects,
    capital_audits.slice_version_id,
    capital_audits.delivery_id,
    capital_audits.line_no,
    capital_audits.void_slice_version_id,
    capital_audits.void_delivery_id,
    capital_audits.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_capital_audit') }} as capital_audits
{{ join_day_status("capital_audits.business_date", "capital_audits.sender_org") }}
