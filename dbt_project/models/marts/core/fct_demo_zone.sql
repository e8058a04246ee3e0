{{
    config(
        unique_key=['zone_event_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'demo_zone',
            'affected_columns': ['zone_event_no'],
            'indexes': [['zone_event_no'], ['event_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with fct_demo_zone as (
    {{ fact_of_records(
        'demo_zone',
        'stg_f16_activity_return__demo_zones',
        [
            'zone_event_no',
            'org_code',
            'zone_type',
            'zone_event',
            'zone_level',
            'event_date',
            'zone_name',
            'product',
        ],
        'event_date',
        count='events',
    ) }}
)

{{ versioned('fct_demo_zone') }}
