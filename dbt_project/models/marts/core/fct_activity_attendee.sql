{{
    config(
        unique_key=['activity_no', 'attendee_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'activity_attendee',
            'affected_columns': ['activity_no'],
            'indexes': [['activity_no'], ['ent_code'], ['act_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with fct_activity_attendee as (
    {{ fact_of_records(
        'activity_attendee',
        'stg_f16_activity_return__attendees',
        [
            'activity_no',
            'org_code',
            'act_code',
            'act_date',
            'seq',
            'attendee_no',
            'attendee_type',
            'attendee_org',
            'ent_code',
            'person',
        ],
        'act_date',
    ) }}
)

{{ versioned('fct_activity_attendee') }}
