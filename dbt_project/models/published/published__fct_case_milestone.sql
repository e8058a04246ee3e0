select
    milestones.case_kind,
    milestones.case_no,
    milestones.matter_no,
    milestones.event_seq,
    milestones.milestone,
    milestones.milestone_date,
    milestones.milestone_time,
    milestones.org_id,
    milestones.office,
    milestones.sender_org,
    milestones.business_date,
    milestones.version_no,
    milestones.events,
    milestones.slice_version_id,
    milestones.delivery_id,
    milestones.line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_case_milestone') }} as milestones
{{ join_day_status("milestones.business_date", "milestones.sender_org") }}
