-- If this goes, law 1 is broken: a row that was accepted is in no fact and in no list, or in two.
with delivered as (
    {% for feed, rows in [
        ('F01', 'int_declarations__ranked'), ('F02', 'int_goods__ranked'), ('F03', 'int_evaluations__ranked')
    ] -%}
    select '{{ feed }}' as feed_code, decl_no as key from {{ ref(rows) }}
    union all
    {% endfor -%}
    {% for feed, rows, key in [
        ('F04', 'int_certificates__ranked', 'cert_no'),
        ('F05', 'int_origin_certs__ranked', 'coo_no'),
        ('F10', 'int_penalty_events__ranked', 'case_no'), ('F11', 'int_complaint_events__ranked', 'case_no'),
        ('F12', 'int_review_events__ranked', 'case_no'), ('F18', 'int_notices__ranked', 'notice_no'),
        ('H01', 'int_hs_tables__ranked', 'tariff_year'),
        ('N01', 'int_monthly_summaries__ranked', 'org_code'), ('N12', 'int_legal_returns__ranked', 'org_code')
    ] -%}
    select '{{ feed }}' as feed_code, {{ key }} as key from {{ ref(rows) }}
    union all
    {% endfor -%}
    select feed_code, key from {{ ref('int_records__ranked') }}
),

kept as (
    {% for feed, mart in [
        ("'F01'", 'fct_inspection_lot'), ("'F02'", 'fct_goods_line'), ("'F03'", 'fct_evaluation'),
        ('it.feed_code', 'fct_unused_row')
    ] -%}
    select {{ feed }} as feed_code, it.decl_no as key
    from {{ ref('int_affected__declarations') }} as affected
    inner join {{ next_state(mart) }} as it on affected.decl_no = it.decl_no
    {{ "where it.feed_code <> 'F04'" if mart == 'fct_unused_row' }}
    union all
    {% endfor -%}
    {% for feed, mart, affected, key in [
        ("'F04'", 'fct_certificate', 'int_affected__certificates', 'cert_no'),
        ("'N12'", 'fct_legal_return', 'int_affected__legal_returns', 'org_code'),
        ("'H01'", 'dim_hs_listed', 'int_affected__tariff_years', 'tariff_year'),
        ("'N01'", 'fct_monthly_summary', 'int_affected__monthly_summaries', 'org_code'),
        ("'F18'", 'fct_notice', 'int_affected__notices', 'notice_no'),
        ("'F05'", 'fct_origin_cert', 'int_affected__origin_certs', 'coo_no'),
        (
            "case when it.case_kind = 'PENALTY' then 'F10'"
            ~ " when it.case_kind in ('RECONSIDERATION', 'LITIGATION') then 'F12' else 'F11' end",
            'fct_case_milestone', 'int_affected__cases', 'case_no',
        ),
    ] -%}
    select {{ feed }} as feed_code, it.{{ key }} as key
    from {{ ref(affected) }} as affected
    inner join {{ next_state(mart) }} as it on affected.{{ key }} = it.{{ key }}
    union all
    {% endfor -%}
    select it.feed_code, it.key
    from {{ ref('int_affected__records') }} as affected
    inner join {{ next_state('fct_record') }} as it on affected.entity = it.entity and affected.key = it.key
    union all
    select it.feed_code, it.item as key
    from {{ ref('int_affected__certificates') }} as affected
    inner join {{ next_state('fct_unused_row') }} as it on it.feed_code = 'F04' and affected.cert_no = it.item
    union all
    select it.feed_code, it.key
    from {{ ref('int_affected__entities') }} as affected
    inner join {{ next_state('fct_unused_case_row') }} as it
        on affected.entity = it.entity and affected.key = it.key
),

rows_of_both as (
    select feed_code, key, true as is_delivered from delivered
    union all
    select feed_code, key, false as is_delivered from kept
),

-- Grouping millions of rows to find nothing is dear: two sums for each feed that agree say the same.
broken_feeds as (
    select feed_code
    from rows_of_both
    group by feed_code
    having
        count(*) <> 2 * count(*) filter (where is_delivered)
        or sum(hashtextextended(key, 0)) filter (where is_delivered)
        is distinct from sum(hashtextextended(key, 0)) filter (where not is_delivered)
)

select
    feed_code,
    key,
    count(*) filter (where is_delivered) as delivered,
    count(*) filter (where not is_delivered) as kept
from rows_of_both
where feed_code in (select feed_code from broken_feeds)
group by feed_code, key
having count(*) <> 2 * count(*) filter (where is_delivered)
