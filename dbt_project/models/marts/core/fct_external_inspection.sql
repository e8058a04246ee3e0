{{
    config(
        unique_key=['inspection_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'external_inspection',
            'affected_columns': ['inspection_no'],
            'indexes': [['inspection_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}
{%- set columns = [
        'inspection_no',
        'topic',
        'inspection_date',
        'org_code',
        'inspected_by',
        'inspected_unit',
        'outcome',
    ] -%}

with fct_external_inspection as (
    {{ fact_of_records(
        'external_inspection', 'stg_f15_qms_audit__inspections', columns, 'inspection_date', 'inspections',
    ) }}
)

{{ versioned('fct_external_inspection') }}
