with dim_country as (
    select
        code as country_code,
        name_zh,
        name_en,
        attributes ->> 'alpha2' as alpha2,
        attributes ->> 'alpha3' as alpha3,
        valid_to
    from {{ source('ref', 'code') }}
    where list_id = 'country'
    union all
    select 'UNKNOWN', '未知', 'Unknown', null, null, null
)

select * from dim_country
