{{
    config(
        unique_key=['assignment_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'audit_assignment',
            'affected_columns': ['assignment_no'],
            'indexes': [['audit_no'], ['business_date', 'sender_org']],
        },
    )
}}
{%- set columns = [
        'assignment_no',
        'audit_no',
        'auditor_id',
        'role',
        'org_code',
    ] -%}

with fct_audit_assignment as (
    {{ fact_of_records(
        'audit_assignment', 'stg_f15_qms_audit__assignments', columns, 'row_business_date', 'assignments',
    ) }}
)

{{ versioned('fct_audit_assignment') }}
