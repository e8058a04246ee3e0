-- If this goes, law 1 is broken: a row that was accepted is in no fact and in no list, or in two.
with delivered as (
    select decl_no, count(*) as parts from {{ ref('int_declarations__ranked') }}
    group by decl_no
    union all
    select decl_no, count(*) as parts from {{ ref('int_goods__ranked') }}
    group by decl_no
    union all
    select decl_no, count(*) as parts from {{ ref('int_evaluations__ranked') }}
    group by decl_no
),

kept as (
    {% for mart in ['fct_inspection_lot', 'fct_goods_line', 'fct_evaluation', 'fct_unused_row'] -%}
    select it.decl_no, count(*) as parts
    from {{ ref('int_affected__declarations') }} as affected
    inner join {{ next_state(mart) }} as it on affected.decl_no = it.decl_no
    group by it.decl_no
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

parts as (
    select decl_no, parts as delivered, 0 as kept from delivered
    union all
    select decl_no, 0 as delivered, parts as kept from kept
)

select
    decl_no,
    sum(delivered) as delivered,
    sum(kept) as kept
from parts
group by decl_no
having sum(delivered) <> sum(kept)
