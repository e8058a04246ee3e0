{{
    config(
        unique_key=['decl_no', 'pack_seq'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'wood_packaging',
            'affected_columns': ['decl_no'],
            'indexes': [['decl_no'], ['business_date', 'sender_org']],
        },
    )
}}

with records as (
    {{ fact_of_records(
        'wood_packaging',
        'stg_f08_wood_packaging__packages',
        [
            'decl_no',
            'pack_seq',
            'pack_type',
            'pieces',
            'ippc_mark_flag',
            'ippc_country',
            'producer_mark_no',
            'treatment',
            'inspected_flag',
            'live_pest_flag',
            'disposal',
            'org_code',
        ],
        'row_business_date',
        'packages',
    ) }}
),

fct_wood_packaging as (
    select
        *,
        (packages = 1 and inspected_flag = '1')::int as packages_inspected,
        (packages = 1 and live_pest_flag = '1')::int as packages_with_pest
    from records
)

{{ versioned('fct_wood_packaging') }}
