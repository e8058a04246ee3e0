select
    assignments.assignment_no,
    assignments.org_id,
    assignments.org_code,
    assignments.assignment_date,
    assignments.person,
    assignments.matter,
    assignments.project_name,
    assignments.sender_org,
    assignments.business_date,
    assignments.version_no,
    assignments.is_void,
    assignments.assignments,
    assignments.slice_version_id,
    assignments.delivery_id,
    assignments.line_no,
    assignments.void_slice_version_id,
    assignments.void_delivery_id,
    assignments.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_supervision_assignment') }} as assignments
{{ join_day_status("assignments.business_date", "assignments.sender_org") }}
