-- If this goes, a void or re-dated lot still counts in the facts of its lines or evaluations.
with lots as (
    select lots.*
    from {{ ref('int_affected__declarations') }} as affected
    inner join {{ next_state('fct_inspection_lot') }} as lots on affected.decl_no = lots.decl_no
),

details as (
    {% for mart, item in [('fct_goods_line', 'goods_no'), ('fct_evaluation', 'eval_seq')] -%}
    select
        '{{ mart }}' as mart,
        it.decl_no,
        it.{{ item }} as item_no,
        it.stat_date,
        it.office,
        it.is_void,
        it.is_counted
    from {{ ref('int_affected__declarations') }} as affected
    inner join {{ next_state(mart) }} as it on affected.decl_no = it.decl_no
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    details.mart,
    details.decl_no,
    details.item_no
from details
left join lots on details.decl_no = lots.decl_no
where
    lots.decl_no is null
    or details.stat_date is distinct from lots.stat_date
    or details.office <> lots.office
    or (lots.is_void and not details.is_void)
    or (details.is_counted and not lots.is_counted)
