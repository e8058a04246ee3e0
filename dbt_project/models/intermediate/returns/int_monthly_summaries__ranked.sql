with int_monthly_summaries__ranked as (
    {{ ranked_rows(
        'stg_n01_monthly_summary__summaries', 'int_affected__monthly_summaries',
        ['org_code', 'period_end', 'topic', 'ie_flag'],
    ) }}
)

select * from int_monthly_summaries__ranked
