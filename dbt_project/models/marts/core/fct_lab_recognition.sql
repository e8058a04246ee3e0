{{
    config(
        unique_key=['lab_code', 'recognition_code', 'recognition_date'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'lab_recognition',
            'affected_columns': ['lab_code'],
            'indexes': [['recognition_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}
{%- set columns = [
        'lab_code',
        'recognition_code',
        'recognition_date',
        'org_code',
        'valid_until',
    ] -%}

with fct_lab_recognition as (
    {{ fact_of_records(
        'lab_recognition', 'stg_f14_lab_management__recognitions', columns, 'recognition_date', 'recognitions',
    ) }}
)

{{ versioned('fct_lab_recognition') }}
