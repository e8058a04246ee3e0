select
    lots.stat_date,
    lots.org_id,
    lots.ie_flag,
    provinces.province_code,
    provinces.name_zh as province_zh,
    provinces.name_en as province_en,
    lots.entry_exit_port as port_code,
    sum(lots.lots)::bigint as lots,
    sum(lots.lots_nonconforming)::bigint as lots_nonconforming,
    sum(lots.value_usd)::numeric(20, 2) as value_usd
from {{ as_of('fct_inspection_lot') }} as lots
inner join {{ ref('dim_province') }} as provinces
    on left(lots.origin_province, 2) || '0000' = provinces.province_code
    and provinces.is_landbridge
inner join {{ ref('dim_port') }} as ports
    on lots.entry_exit_port = ports.port_code
    and ports.is_landbridge
where lots.is_counted
group by
    lots.stat_date,
    lots.org_id,
    lots.ie_flag,
    provinces.province_code,
    provinces.name_zh,
    provinces.name_en,
    lots.entry_exit_port
