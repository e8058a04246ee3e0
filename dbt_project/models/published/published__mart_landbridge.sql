select
    lots.stat_date,
    lots.org_id,
    lots.ie_flag,
    provinces.member_code as province_code,
    provinces.name_zh as province_zh,
    provinces.name_en as province_en,
    lots.entry_exit_port as port_code,
    sum(lots.lots)::bigint as lots,
    sum(lots.lots_nonconforming)::bigint as lots_nonconforming,
    sum(lots.value_usd)::numeric(20, 2) as value_usd
from {{ as_of('fct_inspection_lot') }} as lots
inner join {{ as_of('dim_landbridge') }} as provinces
    on left(lots.origin_province, 2) || '0000' = provinces.member_code
    and provinces.member_kind = 'province'
inner join {{ as_of('dim_landbridge') }} as ports
    on lots.entry_exit_port = ports.member_code
    and ports.member_kind = 'port'
where lots.is_counted
group by
    lots.stat_date,
    lots.org_id,
    lots.ie_flag,
    provinces.member_code,
    provinces.name_zh,
    provinces.name_en,
    lots.entry_exit_port
