{{ config(indexes=[{'columns': ['tariff_year'], 'unique': true}]) }}

with int_affected__tariff_years as (
    select keys.key as tariff_year
    from {{ source('audit', 'build_key') }} as keys
    where {{ of_this_build('keys') }} and keys.entity = 'tariff_year'
)

select * from int_affected__tariff_years
