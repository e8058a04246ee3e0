{%- set columns = [
        'reconsiderations_filed',
        'lawsuits_filed',
    ] -%}

with int_legal_returns__current as (
    {{ current_rows(
        'stg_n12_legal_return__returns', 'int_legal_returns__ranked',
        ['org_code', 'period_end'], columns,
    ) }}
)

select * from int_legal_returns__current
