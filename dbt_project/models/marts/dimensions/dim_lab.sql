with dim_lab as (
    select
        code as lab_code,
        name_zh,
        name_en,
        attributes ->> 'org_code' as org_id,
        attributes ->> 'name_basis' as name_basis
    from {{ source('ref', 'code') }}
    where list_id = 'lab'
    union all
    select 'UNKNOWN', '未知', 'Unknown', 'UNKNOWN', 'NONE'
)

select * from dim_lab
