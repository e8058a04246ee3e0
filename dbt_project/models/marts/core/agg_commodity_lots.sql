{{
    config(
        unique_key=['stat_date', 'org_id', 'hs_level', 'hs_code'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__days',
            'affected_columns': ['stat_date', 'org_id'],
            'indexes': [['stat_date', 'org_id']],
        },
    )
}}

with days as (
    select distinct
        stat_date,
        org_id
    from {{ ref('int_affected__days') }}
),

codes as (
    select distinct
        lines.stat_date,
        lines.org_id,
        lines.hs6,
        lines.decl_no
    from days
    inner join {{ next_state('fct_goods_line') }} as lines
        on days.stat_date = lines.stat_date
        and days.org_id = lines.org_id
    where lines.is_counted
),

agg_commodity_lots as (
    {% for level in [2, 4, 6] %}
    select
        stat_date,
        org_id,
        {{ level }}::smallint as hs_level,
        left(hs6, {{ level }}) as hs_code,
        count({{ 'distinct decl_no' if level < 6 else '*' }})::int as lots_containing
    from codes
    group by stat_date, org_id, left(hs6, {{ level }})
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

{{ versioned('agg_commodity_lots') }}
