{{
    config(
        unique_key=['project_no'],
        meta={
            'readers': 'province',
            'affected_by': 'int_affected__records',
            'affected_entity': 'capital_audit',
            'affected_columns': ['project_no'],
            'indexes': [['project_no'], ['audit_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

-- Persons and sums of single projects: for readers of the whole province.
with fct_capital_audit as (
    {{ fact_of_records(
        'capital_audit',
        'stg_f17_hr_supervision_audit__capital_audits',
        [
            'project_no',
            'org_code',
            'project_name',
            'audit_date',
            'submitted_cny',
            'approved_cny',
        ],
        'audit_date',
        count='projects',
    ) }}
)

{{ versioned('fct_capital_audit') }}
