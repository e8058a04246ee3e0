with dim_currency as (
    select
        code as currency_code,
        name_zh,
        name_en,
        valid_to
    from {{ source('ref', 'code') }}
    where list_id = 'currency'
    union all
    select 'UNKNOWN', '未知', 'Unknown', null
)

select * from dim_currency
