{{
    config(
        unique_key=['action_no'],
        meta={
            'readers': 'province',
            'affected_by': 'int_affected__records',
            'affected_entity': 'hr_action',
            'affected_columns': ['action_no'],
            'indexes': [['action_no'], ['action_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

-- Persons and sums of single projects: for readers of the whole province.
with fct_hr_action as (
    {{ fact_of_records(
        'hr_action',
        'stg_f17_hr_supervision_audit__hr_actions',
        [
            'action_no',
            'org_code',
            'hr_action',
            'action_date',
            'person',
            'direction',
            'batch_no',
            'from_unit',
            'to_unit',
        ],
        'action_date',
        count='actions',
    ) }}
)

{{ versioned('fct_hr_action') }}
