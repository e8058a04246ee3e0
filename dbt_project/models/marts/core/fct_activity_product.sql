{{
    config(
        unique_key=['activity_no', 'product_class'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'activity_product',
            'affected_columns': ['activity_no'],
            'indexes': [['activity_no'], ['act_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with fct_activity_product as (
    {{ fact_of_records(
        'activity_product',
        'stg_f16_activity_return__products',
        [
            'activity_no',
            'org_code',
            'act_code',
            'act_date',
            'seq',
            'product_class',
            'product_name',
        ],
        'act_date',
    ) }}
)

{{ versioned('fct_activity_product') }}
