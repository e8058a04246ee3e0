with stg_n01_monthly_summary__summaries as (
    select
        delivered.slice_version_id,
        delivered.delivery_id,
        delivered.sender_org,
        delivered.business_date,
        delivered.record_no,
        delivered.line_no,
        delivered.op,
        delivered.version_no,
        delivered.org_code,
        delivered.period_end,
        delivered.topic,
        delivered.ie_flag,
        delivered.lots,
        delivered.value_usd
    from {{ source('ods', 'n01_monthly_summary') }} as delivered
)

select * from stg_n01_monthly_summary__summaries
