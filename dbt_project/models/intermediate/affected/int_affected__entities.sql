{{ config(indexes=[{'columns': ['entity', 'key'], 'unique': true}]) }}

-- The entities of the contracts other than the declaration, under one name for their keys.
with int_affected__entities as (
    {% for entity, affected, column in [
        ('certificate', 'int_affected__certificates', 'cert_no'),
        ('origin_cert', 'int_affected__origin_certs', 'coo_no'),
        ('penalty_case', 'int_affected__penalty_cases', 'case_no'),
        ('dispute_case', 'int_affected__dispute_cases', 'case_no'),
        ('legal_return', 'int_affected__legal_returns', 'org_code'),
        ('tariff_year', 'int_affected__tariff_years', 'tariff_year'),
        ('monthly_summary', 'int_affected__monthly_summaries', 'org_code'),
        ('notice', 'int_affected__notices', 'notice_no'),
    ] -%}
    select
        '{{ entity }}' as entity,
        {{ column }} as key
    from {{ ref(affected) }}
    union all
    {% endfor -%}
    select
        entity,
        key
    from {{ ref('int_affected__records') }}
)

select * from int_affected__entities
