select
    attendees.activity_no,
    attendees.org_id,
    attendees.org_code,
    attendees.act_code,
    attendees.act_date,
    attendees.seq,
    attendees.attendee_no,
    attendees.attendee_type,
    attendees.attendee_org,
    attendees.ent_code,
    attendees.person,
    attendees.sender_org,
    attendees.business_date,
    attendees.version_no,
    attendees.is_void,
    not attendees.is_void and coalesce(activities.is_counted, true) as is_counted,
    (not attendees.is_void and coalesce(activities.is_counted, true))::int as attendances,
    attendees.slice_version_id,
    attendees.delivery_id,
    attendees.line_no,
    attendees.void_slice_version_id,
    attendees.void_delivery_id,
    attendees.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_activity_attendee') }} as attendees
left join {{ as_of('fct_activity') }} as activities on attendees.activity_no = activities.activity_no
{{ join_day_status("attendees.business_date", "attendees.sender_org") }}
