select
    honors.ent_code,
    honors.honor_code,
    honors.honor_level,
    honors.year,
    honors.org_id,
    honors.org_code,
    honors.sender_org,
    honors.business_date,
    honors.version_no,
    honors.is_void,
    honors.honors,
    honors.slice_version_id,
    honors.delivery_id,
    honors.line_no,
    honors.void_slice_version_id,
    honors.void_delivery_id,
    honors.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_ent_honor') }} as honors
{{ join_day_status("honors.business_date", "honors.sender_org") }}
