with dim_hs as (
    select
        hs_code,
        level as hs_level,
        left(hs_code, 2) as hs2,
        coalesce(section, 'UNKNOWN') as section,
        name_zh,
        name_en,
        edition
    from {{ source('ref', 'hs') }}
    union all
    select 'NONE', 0::smallint, 'NONE', 'NONE', '无货物明细', 'No goods line', ''
    union all
    select 'UNALLOCATED', 0::smallint, 'UNALLOCATED', 'NONE', '未分摊', 'Header value that no goods line accounts for', ''
)

select * from dim_hs
