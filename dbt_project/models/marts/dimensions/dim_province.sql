with dim_province as (
    select
        code as province_code,
        name_zh,
        name_en,
        attributes ->> 'landbridge' = '1' as is_landbridge,
        attributes ->> 'landbridge_basis' as landbridge_basis
    from {{ source('ref', 'code') }}
    where list_id = 'province'
    union all
    select 'UNKNOWN', '未知', 'Unknown', false, ''
)

select * from dim_province
