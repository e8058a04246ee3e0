with dim_port as (
    select
        code as port_code,
        name_zh,
        name_en,
        attributes ->> 'port_type' as port_type,
        coalesce(nullif(attributes ->> 'org_code', ''), 'NONE') as org_id,
        attributes ->> 'province_code' as province_code,
        attributes ->> 'landbridge' = '1' as is_landbridge
    from {{ source('ref', 'code') }}
    where list_id = 'port'
    union all
    select 'UNKNOWN', '未知', 'Unknown', 'UNKNOWN', 'NONE', 'UNKNOWN', false
)

select * from dim_port
