select
    volume.stat_date,
    volume.org_id,
    volume.office,
    volume.ie_flag,
    volume.principal_hs6,
    volume.partner_country,
    volume.trade_mode,
    volume.transport_mode,
    volume.lots,
    volume.lots_nonconforming,
    volume.value_usd_header,
    {{ completeness() }} as completeness,
    volume.clearance_hours_sum,
    volume.clearance_lots
from {{ as_of('fct_volume') }} as volume
{{ join_day_status("volume.stat_date", "volume.org_id") }}
