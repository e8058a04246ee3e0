{{
    config(
        unique_key=['recognition_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'recognition',
            'affected_columns': ['recognition_no'],
            'indexes': [['recognition_no'], ['recognition_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with fct_recognition as (
    {{ fact_of_records(
        'recognition',
        'stg_f16_activity_return__recognitions',
        [
            'recognition_no',
            'org_code',
            'recognition_type',
            'recognition_date',
            'recipient',
            'leader_level',
            'rank_no',
            'issuer',
        ],
        'recognition_date',
        count='recognitions',
    ) }}
)

{{ versioned('fct_recognition') }}
