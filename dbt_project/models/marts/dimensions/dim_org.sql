-- SCD2: join on the code and on valid_from <= day < valid_to.
with orgs as (
    select * from {{ source('ref', 'org') }}
),

dim_org as (
    select
        md5(orgs.org_code || '|' || orgs.valid_from) as org_key,
        orgs.org_code,
        orgs.name_zh,
        orgs.name_en,
        orgs.level,
        orgs.seat_zh,
        coalesce(orgs.parent_code, 'NONE') as parent_code,
        branches.org_code as branch_code,
        branches.name_zh as branch_name_zh,
        branches.name_en as branch_name_en,
        case when branches.level = 'AQSIQ' then 'NONE' else coalesce(headquarters.org_code, 'NONE') end as hq_code,
        orgs.is_due,
        orgs.valid_from,
        coalesce(orgs.valid_to, date '9999-12-31') as valid_to
    from orgs
    inner join orgs as branches on orgs.branch_code = branches.org_code
    left join orgs as headquarters on headquarters.level = 'HQ'
    union all
    select
        md5('UNKNOWN'),
        'UNKNOWN',
        '未知',
        'Unknown',
        'UNKNOWN',
        '',
        'NONE',
        'UNKNOWN',
        '未知',
        'Unknown',
        'UNKNOWN',
        false,
        date '1900-01-01',
        date '9999-12-31'
)

select * from dim_org
