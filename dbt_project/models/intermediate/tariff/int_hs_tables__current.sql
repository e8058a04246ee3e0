{%- set columns = [
        'name_zh',
        'unit1_code',
        'unit1_name',
        'unit2_code',
        'unit2_name',
    ] -%}

with int_hs_tables__current as (
    {{ current_rows('stg_h01_hs_table__codes', 'int_hs_tables__ranked', ['tariff_year', 'hs8'], columns) }}
)

select * from int_hs_tables__current
