select
    value.stat_date,
    value.org_id,
    value.office,
    value.ie_flag,
    value.hs_code,
    value.country,
    value.trade_mode,
    value.transport_mode,
    value.currency,
    value.value_usd,
    value.value_orig,
    value.goods_lines,
    value.net_weight_kg,
    {{ completeness() }} as completeness
from {{ as_of('fct_value') }} as value
{{ join_day_status("value.stat_date", "value.org_id") }}
