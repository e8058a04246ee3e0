{{
    config(
        unique_key=['check_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'lab_self_check',
            'affected_columns': ['check_no'],
            'indexes': [['check_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}
{%- set columns = [
        'check_no',
        'lab_code',
        'check_date',
        'org_code',
        'issues_found',
    ] -%}

with fct_lab_self_check as (
    {{ fact_of_records(
        'lab_self_check', 'stg_f14_lab_management__self_checks', columns, 'check_date', 'self_checks',
    ) }}
)

{{ versioned('fct_lab_self_check') }}
