{{
    config(
        unique_key=['assignment_no'],
        meta={
            'readers': 'province',
            'affected_by': 'int_affected__records',
            'affected_entity': 'supervision_assignment',
            'affected_columns': ['assignment_no'],
            'indexes': [['assignment_no'], ['assignment_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

-- Persons and sums of single projects: for readers of the whole province.
with fct_supervision_assignment as (
    {{ fact_of_records(
        'supervision_assignment',
        'stg_f17_hr_supervision_audit__supervision_assignments',
        [
            'assignment_no',
            'org_code',
            'assignment_date',
            'person',
            'matter',
            'project_name',
        ],
        'assignment_date',
        count='assignments',
    ) }}
)

{{ versioned('fct_supervision_assignment') }}
