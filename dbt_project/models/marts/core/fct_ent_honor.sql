{{
    config(
        unique_key=['ent_code', 'honor_code', 'honor_level', 'year'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'ent_honor',
            'affected_columns': ['ent_code'],
            'indexes': [['ent_code'], ['year', 'honor_code'], ['business_date', 'sender_org']],
        },
    )
}}

with fct_ent_honor as (
    {{ fact_of_records(
        'ent_honor',
        'stg_f09_enterprise_class__honors',
        ['ent_code', 'honor_code', 'honor_level', 'year', 'org_code'],
        'row_business_date',
        'honors',
    ) }}
)

{{ versioned('fct_ent_honor') }}
