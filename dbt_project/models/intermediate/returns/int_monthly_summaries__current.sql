{%- set columns = [
        'lots',
        'value_usd',
    ] -%}

with int_monthly_summaries__current as (
    {{ current_rows(
        'stg_n01_monthly_summary__summaries', 'int_monthly_summaries__ranked',
        ['org_code', 'period_end', 'topic', 'ie_flag'], columns,
    ) }}
)

select * from int_monthly_summaries__current
