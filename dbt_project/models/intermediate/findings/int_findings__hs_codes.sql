-- A code that the table of its year lacks. Of a year without a table nothing is known, and nothing is said.
with tables as (
    select
        make_date(tariff_year::int, 1, 1) as first_day,
        make_date(tariff_year::int, 12, 31) as last_day,
        tariff_year
    from {{ next_state('dim_hs_listed') }} as it
    where not is_void
    group by tariff_year
),

unlisted as (
    select
        lines.*,
        lines.business_date as row_business_date,
        tables.tariff_year
    from {{ ref('int_affected__hs_lines') }} as affected
    inner join {{ next_state('fct_goods_line') }} as lines on affected.decl_no = lines.decl_no
    inner join tables on lines.decl_date >= tables.first_day and lines.decl_date <= tables.last_day
    where
        not lines.is_void
        and not exists (
            select from {{ next_state('dim_hs_listed') }} as listed
            where
                listed.tariff_year = tables.tariff_year
                and listed.hs8 = left(lines.hs_code, 8)
                and not listed.is_void
        )
),

int_findings__hs_codes as (
    {{ finding(
        'F02-hs_code-unlisted', 'unlisted as concerned', 'true',
        "'a code of the table of ' || concerned.tariff_year", 'concerned.hs_code', 'concerned.goods_no',
    ) }}
)

select * from int_findings__hs_codes
