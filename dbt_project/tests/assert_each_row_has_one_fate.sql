-- If this goes, law 1 is broken: a row that was accepted is in no fact and in no list, or in two.
with delivered as (
    {% for feed, rows in [
        ('F01', 'int_declarations__ranked'), ('F02', 'int_goods__ranked'), ('F03', 'int_evaluations__ranked')
    ] -%}
    select '{{ feed }}' as feed_code, decl_no from {{ ref(rows) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

kept as (
    {% for feed, mart in [
        ("'F01'", 'fct_inspection_lot'), ("'F02'", 'fct_goods_line'), ("'F03'", 'fct_evaluation'),
        ('it.feed_code', 'fct_unused_row')
    ] -%}
    select {{ feed }} as feed_code, it.decl_no
    from {{ ref('int_affected__declarations') }} as affected
    inner join {{ next_state(mart) }} as it on affected.decl_no = it.decl_no
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

rows_of_both as (
    select feed_code, decl_no, true as is_delivered from delivered
    union all
    select feed_code, decl_no, false as is_delivered from kept
),

-- Grouping millions of rows to find nothing is dear: two sums for each feed that agree say the same.
broken_feeds as (
    select feed_code
    from rows_of_both
    group by feed_code
    having
        count(*) <> 2 * count(*) filter (where is_delivered)
        or sum(hashtextextended(decl_no, 0)) filter (where is_delivered)
        is distinct from sum(hashtextextended(decl_no, 0)) filter (where not is_delivered)
)

select
    feed_code,
    decl_no,
    count(*) filter (where is_delivered) as delivered,
    count(*) filter (where not is_delivered) as kept
from rows_of_both
where feed_code in (select feed_code from broken_feeds)
group by feed_code, decl_no
having count(*) <> 2 * count(*) filter (where is_delivered)
