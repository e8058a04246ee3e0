-- If this goes, law 1 is broken: a row that was accepted is in no fact and in no list, or in two.
with delivered as (
    {% for rows in ['int_declarations__ranked', 'int_goods__ranked', 'int_evaluations__ranked'] -%}
    select decl_no from {{ ref(rows) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

kept as (
    {% for mart in ['fct_inspection_lot', 'fct_goods_line', 'fct_evaluation', 'fct_unused_row'] -%}
    select it.decl_no
    from {{ ref('int_affected__declarations') }} as affected
    inner join {{ next_state(mart) }} as it on affected.decl_no = it.decl_no
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Grouping millions of rows to find nothing is dear: two sums that agree say the same.
sums as (
    select
        count(*) as parts,
        coalesce(sum(hashtextextended(decl_no, 0)), 0) as key_sum
    from delivered
    union
    select
        count(*) as parts,
        coalesce(sum(hashtextextended(decl_no, 0)), 0) as key_sum
    from kept
),

is_broken as (
    select count(*) > 1 as answer from sums
),

parts as (
    select decl_no, 1 as delivered, 0 as kept from delivered
    where (select is_broken.answer from is_broken)
    union all
    select decl_no, 0 as delivered, 1 as kept from kept
    where (select is_broken.answer from is_broken)
)

select
    decl_no,
    sum(delivered) as delivered,
    sum(kept) as kept
from parts
group by decl_no
having sum(delivered) <> sum(kept)
