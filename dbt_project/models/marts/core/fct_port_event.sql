{{
    config(
        unique_key=['event_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'port_event',
            'affected_columns': ['event_no'],
            'indexes': [['event_no'], ['event_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with fct_port_event as (
    {{ fact_of_records(
        'port_event',
        'stg_f16_activity_return__port_events',
        [
            'event_no',
            'org_code',
            'port_event',
            'event_date',
            'port_name',
            'port_type',
        ],
        'event_date',
        count='events',
    ) }}
)

{{ versioned('fct_port_event') }}
