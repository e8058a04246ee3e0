{{
    config(
        unique_key=['audit_no', 'unit_code'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'audit_scope',
            'affected_columns': ['audit_no'],
            'indexes': [['audit_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}
{%- set columns = [
        'audit_no',
        'unit_code',
        'unit_level',
        'audit_type',
        'audit_date',
        'org_code',
        'audit_body',
    ] -%}

with fct_audit_scope as (
    {{ fact_of_records('audit_scope', 'stg_f15_qms_audit__scopes', columns, 'audit_date', 'audited_units') }}
)

{{ versioned('fct_audit_scope') }}
