with int_hs_tables__ranked as (
    {{ ranked_rows('stg_h01_hs_table__codes', 'int_affected__tariff_years', ['tariff_year', 'hs8']) }}
)

select * from int_hs_tables__ranked
