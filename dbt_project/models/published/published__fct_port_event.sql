select
    events.event_no,
    events.org_id,
    events.org_code,
    events.port_event,
    events.event_date,
    events.port_name,
    events.port_type,
    events.sender_org,
    events.business_date,
    events.version_no,
    events.is_void,
    events.events,
    events.slice_version_id,
    events.delivery_id,
    events.line_no,
    events.void_slice_version_id,
    events.void_delivery_id,
    events.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_port_event') }} as events
{{ join_day_status("events.business_date", "events.sender_org") }}
