{{
    config(
        unique_key=[
            'stat_date', 'office', 'org_id', 'ie_flag', 'hs_code', 'country', 'trade_mode', 'transport_mode', 'currency',
        ],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__days',
            'affected_columns': ['stat_date', 'office', 'org_id'],
            'indexes': [['stat_date', 'office']],
        },
    )
}}

with lines as (
    select lines.*
    from {{ ref('int_affected__days') }} as affected
    inner join {{ next_state('fct_goods_line') }} as lines
        on affected.stat_date = lines.stat_date
        and affected.office = lines.office
        and affected.org_id = lines.org_id
    where lines.is_counted
),

-- What header and lines differ by, under the header's country and currency: sums over lines equal those over lots.
unallocated as (
    select lots.*
    from {{ ref('int_affected__days') }} as affected
    inner join {{ next_state('fct_inspection_lot') }} as lots
        on affected.stat_date = lots.stat_date
        and affected.office = lots.office
        and affected.org_id = lots.org_id
    where lots.is_counted and (lots.value_usd_unallocated <> 0 or lots.value_orig_unallocated <> 0)
),

parts as (
    select
        stat_date,
        org_id,
        office,
        ie_flag,
        hs_code,
        country,
        trade_mode,
        transport_mode,
        currency,
        value_usd,
        goods_value as value_orig,
        goods_lines,
        net_weight_kg
    from lines
    union all
    select
        stat_date,
        org_id,
        office,
        ie_flag,
        'UNALLOCATED' as hs_code,
        partner_country as country,
        trade_mode,
        transport_mode,
        currency,
        value_usd_unallocated as value_usd,
        value_orig_unallocated as value_orig,
        0 as goods_lines,
        0 as net_weight_kg
    from unallocated
),

fct_value as (
    select
        stat_date,
        org_id,
        office,
        ie_flag,
        hs_code,
        country,
        trade_mode,
        transport_mode,
        currency,
        coalesce(sum(value_usd), 0)::numeric(20, 2) as value_usd,
        coalesce(sum(value_orig), 0)::numeric(20, 2) as value_orig,
        sum(goods_lines)::int as goods_lines,
        coalesce(sum(net_weight_kg), 0)::numeric(20, 4) as net_weight_kg
    from parts
    group by stat_date, org_id, office, ie_flag, hs_code, country, trade_mode, transport_mode, currency
)

{{ versioned('fct_value') }}
