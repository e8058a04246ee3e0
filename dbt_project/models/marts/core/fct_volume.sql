{{
    config(
        unique_key=[
            'stat_date', 'office', 'org_id', 'ie_flag', 'principal_hs6', 'partner_country', 'trade_mode', 'transport_mode',
        ],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__days',
            'affected_columns': ['stat_date', 'office', 'org_id'],
            'indexes': [['stat_date', 'office']],
        },
    )
}}

with lots as (
    select lots.*
    from {{ ref('int_affected__days') }} as affected
    inner join {{ next_state('fct_inspection_lot') }} as lots
        on affected.stat_date = lots.stat_date
        and affected.office = lots.office
        and affected.org_id = lots.org_id
    where lots.is_counted
),

fct_volume as (
    select
        stat_date,
        org_id,
        office,
        ie_flag,
        principal_hs6,
        partner_country,
        trade_mode,
        transport_mode,
        sum(lots)::int as lots,
        sum(lots_nonconforming)::int as lots_nonconforming,
        coalesce(sum(value_usd), 0)::numeric(20, 2) as value_usd_header,
        coalesce(sum(hours_accept_to_release), 0)::numeric(20, 2) as clearance_hours_sum,
        count(hours_accept_to_release)::int as clearance_lots
    from lots
    group by stat_date, org_id, office, ie_flag, principal_hs6, partner_country, trade_mode, transport_mode
)

{{ versioned('fct_volume') }}
