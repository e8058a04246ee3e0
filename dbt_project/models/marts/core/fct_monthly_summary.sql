{{
    config(
        unique_key=['org_code', 'month_end', 'topic', 'ie_flag'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__monthly_summaries',
            'affected_columns': ['org_code'],
            'indexes': [['org_code'], ['month_end', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with summaries as (
    select * from {{ ref('int_monthly_summaries__current') }}
),

fct_monthly_summary as (
    select
        summaries.org_code,
        summaries.period_end as month_end,
        summaries.topic,
        summaries.ie_flag,
        {{ branch_above('summaries.org_code', 'summaries.period_end') }} as org_id,
        summaries.sender_org,
        summaries.row_business_date as business_date,
        summaries.version_no,
        summaries.is_deleted as is_void,
        -- A summary that was taken back states nothing, not zero.
        case when not summaries.is_deleted then summaries.lots end as lots,
        case when not summaries.is_deleted then summaries.value_usd end as value_usd,
        summaries.slice_version_id,
        summaries.delivery_id,
        summaries.line_no,
        summaries.void_slice_version_id,
        summaries.void_delivery_id,
        summaries.void_line_no
    from summaries
)

{{ versioned('fct_monthly_summary') }}
