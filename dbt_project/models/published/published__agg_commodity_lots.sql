select
    commodities.stat_date,
    commodities.org_id,
    commodities.hs_level,
    commodities.hs_code,
    commodities.lots_containing,
    {{ completeness() }} as completeness
from {{ as_of('agg_commodity_lots') }} as commodities
{{ join_day_status("commodities.stat_date", "commodities.org_id") }}
