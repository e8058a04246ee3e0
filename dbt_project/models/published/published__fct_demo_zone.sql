select
    zones.zone_event_no,
    zones.org_id,
    zones.org_code,
    zones.zone_type,
    zones.zone_event,
    zones.zone_level,
    zones.event_date,
    zones.zone_name,
    zones.product,
    zones.sender_org,
    zones.business_date,
    zones.version_no,
    zones.is_void,
    zones.events,
    zones.slice_version_id,
    zones.delivery_id,
    zones.line_no,
    zones.void_slice_version_id,
    zones.void_delivery_id,
    zones.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_demo_zone') }} as zones
{{ join_day_status("zones.business_date", "zones.sender_org") }}
