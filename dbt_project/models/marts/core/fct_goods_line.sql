{{
    config(
        unique_key=['decl_no', 'goods_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__declarations',
            'affected_columns': ['decl_no'],
            'indexes': [
                ['decl_no'],
                ['stat_date', 'office'],
                ['hs_code'],
                ['business_date', 'sender_org'],
            ],
        },
    )
}}

with lots as (
    select lots.*
    from {{ ref('int_affected__declarations') }} as affected
    inner join {{ next_state('fct_inspection_lot') }} as lots
        on affected.decl_no = lots.decl_no
),

fct_goods_line as (
    select
        goods.decl_no,
        goods.goods_no,
        goods.hs_code,
        left(goods.hs_code, 6) as hs6,
        goods.ciq_code,
        goods.goods_name_cn,
        goods.supervision_cond,
        goods.ciq_category,
        goods.country,
        lots.ie_flag,
        lots.decl_type,
        lots.decl_date,
        lots.business_date,
        lots.stat_date,
        lots.org_id,
        lots.office,
        goods.sender_org,
        lots.trade_mode,
        lots.transport_mode,
        goods.version_no,
        goods.qty_unit,
        goods.currency,
        coalesce(goods.goods_no = lots.principal_goods_no, false) as is_principal,
        goods.is_deleted or lots.is_void as is_void,
        lots.is_counted and not goods.is_deleted as is_counted,
        lots.has_open_quarantine,
        (lots.is_counted and not goods.is_deleted)::int as goods_lines,
        goods.qty,
        goods.net_weight_kg,
        goods.goods_value,
        goods.value_usd,
        goods.slice_version_id,
        goods.delivery_id,
        goods.line_no,
        goods.void_slice_version_id,
        goods.void_delivery_id,
        goods.void_line_no
    from {{ ref('int_goods__valued') }} as goods
    inner join lots on goods.decl_no = lots.decl_no
)

{{ versioned('fct_goods_line') }}
