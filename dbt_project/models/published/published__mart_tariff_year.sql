with listed as (
    select
        tariff_year,
        hs8
    from {{ as_of('dim_hs_listed') }} as it
    where not is_void
),

tables as (
    select
        tariff_year,
        count(*) as codes_listed
    from listed
    group by tariff_year
),

-- By day and code first: a year has millions of lines, and only some ten thousand pairs of them.
lines_of_days as (
    select
        decl_date,
        hs_code,
        count(*) as goods_lines
    from {{ as_of('fct_goods_line') }} as it
    where not is_void
    group by decl_date, hs_code
),

declared as (
    select
        extract(year from decl_date)::int::text as tariff_year,
        left(hs_code, 8) as hs8,
        sum(goods_lines) as goods_lines
    from lines_of_days
    group by extract(year from decl_date), left(hs_code, 8)
),

years as (
    select
        declared.tariff_year,
        count(*) as codes_declared,
        sum(declared.goods_lines) as lines_declared,
        count(*) filter (where listed.hs8 is null) as codes_unlisted,
        coalesce(sum(declared.goods_lines) filter (where listed.hs8 is null), 0) as lines_unlisted
    from declared
    left join listed on declared.tariff_year = listed.tariff_year and declared.hs8 = listed.hs8
    group by declared.tariff_year
)

-- Of a year without a table it is not known which codes it lacks: null, never zero.
select
    coalesce(years.tariff_year, tables.tariff_year) as tariff_year,
    tables.tariff_year is not null as is_judged,
    coalesce(tables.codes_listed, 0)::bigint as codes_listed,
    coalesce(years.codes_declared, 0)::bigint as codes_declared,
    case when tables.tariff_year is not null then coalesce(years.codes_unlisted, 0) end::bigint as codes_unlisted,
    coalesce(years.lines_declared, 0)::bigint as lines_declared,
    case when tables.tariff_year is not null then coalesce(years.lines_unlisted, 0) end::bigint as lines_unlisted
from years
full join tables on years.tariff_year = tables.tariff_year
