select
    integrity.ent_code,
    integrity.month_end,
    integrity.pilot_flag,
    integrity.benefit_flag,
    integrity.integrity_level,
    integrity.pass_rate,
    integrity.org_id,
    integrity.org_code,
    integrity.sender_org,
    integrity.business_date,
    integrity.version_no,
    integrity.is_void,
    integrity.enterprises,
    integrity.slice_version_id,
    integrity.delivery_id,
    integrity.line_no,
    integrity.void_slice_version_id,
    integrity.void_delivery_id,
    integrity.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_wood_integrity') }} as integrity
{{ join_day_status("integrity.business_date", "integrity.sender_org") }}
