with listed as (
    select * from {{ as_of('dim_hs_listed') }} as it
    where not it.is_void
),

tables as (
    select
        tariff_year,
        make_date(tariff_year::int, 1, 1) as valid_from,
        coalesce(
            make_date((lead(tariff_year) over (order by tariff_year))::int, 1, 1), date '9999-12-31'
        ) as valid_to
    from (select distinct tariff_year from listed) as years
),

-- Each day belongs to one table: that of its year, else the nearest earlier one; before the first there is none.
periods as (
    select * from tables
    union all
    select
        null as tariff_year,
        date '0001-01-01' as valid_from,
        coalesce(min(valid_from), date '9999-12-31') as valid_to
    from tables
),

codes as (
    select hs8 from listed
    union
    select left(declared.hs_code, 8) as hs8 from {{ as_of('dim_hs_declared') }} as declared
),

-- What a code that its table lacks may mean: what the first table that has it says.
elsewhere as (
    select distinct on (hs8)
        hs8,
        name_zh
    from listed
    order by hs8, tariff_year
)

select
    codes.hs8,
    periods.valid_from,
    periods.valid_to,
    periods.tariff_year,
    case when listed.hs8 is not null then 'LISTED' else 'INFERRED' end as basis,
    coalesce(listed.name_zh, elsewhere.name_zh) as name_zh,
    listed.unit1_code,
    listed.unit1_name,
    listed.unit2_code,
    listed.unit2_name,
    left(codes.hs8, 2) as hs2,
    left(codes.hs8, 4) as hs4,
    left(codes.hs8, 6) as hs6,
    listed.delivery_id,
    listed.line_no
from codes
cross join periods
left join listed on periods.tariff_year = listed.tariff_year and codes.hs8 = listed.hs8
left join elsewhere on codes.hs8 = elsewhere.hs8
