{{ config(indexes=[{'columns': ['decl_no'], 'unique': true}]) }}

{#- Hardly any build has a table; the others need not look through all goods lines for its year. -#}
{%- set listed = ref('dim_hs_listed') -%}
{%- set has_tables = is_touched(listed) -%}

-- Declarations whose codes may stand in the table of their year, or stand there no longer: those whose goods lines this
-- build opened or closed, and those of a year whose table it changed, as far as the change speaks of their codes.
with changed as (
    select
        tariff_year,
        hs8
    from {{ touched('dim_hs_listed') }} as it
),

years as (
    select
        tariff_year,
        make_date(tariff_year::int, 1, 1) as first_day,
        make_date(tariff_year::int, 12, 31) as last_day,
        -- Before a year's first table no line of the year had a finding: its codes need not be looked at.
        tariff_year in (
            select known.tariff_year from {{ ref('dim_hs_listed') }} as known
            where known.known_from_no < {{ next_no() }}
        ) as had_table
    from changed
    group by tariff_year
),

lines_of_years as (
    select
        lines.decl_no,
        years.tariff_year,
        years.had_table,
        left(lines.hs_code, 8) as hs8
    from years
    inner join {{ next_state('fct_goods_line') }} as lines
        on years.first_day <= lines.decl_date
        and years.last_day >= lines.decl_date
),

int_affected__hs_lines as (
    select distinct decl_no from {{ touched('fct_goods_line') }} as lines
    {% if has_tables -%}
    union
    select lines_of_years.decl_no
    from lines_of_years
    left join {{ next_state('dim_hs_listed') }} as listed
        on lines_of_years.tariff_year = listed.tariff_year
        and lines_of_years.hs8 = listed.hs8
        and not listed.is_void
    where listed.hs8 is null
    union
    select lines_of_years.decl_no
    from lines_of_years
    inner join changed
        on lines_of_years.tariff_year = changed.tariff_year
        and lines_of_years.hs8 = changed.hs8
    where lines_of_years.had_table
    {%- endif %}
)

select * from int_affected__hs_lines
