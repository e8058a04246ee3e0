-- SCD2: join on the code and on valid_from <= day < valid_to; every code has exactly one row for every day.
with orgs as (
    select * from {{ source('ref', 'org_period') }}
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
        orgs.hq_code,
        orgs.path,
        orgs.is_due,
        orgs.is_active,
        orgs.is_current,
        orgs.valid_from,
        orgs.valid_to
    from orgs
    inner join orgs as branches
        on orgs.branch_code = branches.org_code
        and orgs.valid_from >= branches.valid_from
        and orgs.valid_from < branches.valid_to
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
        'UNKNOWN',
        false,
        false,
        false,
        date '0001-01-01',
        date '9999-12-31'
)

select * from dim_org
