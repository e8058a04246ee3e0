{{
    config(
        unique_key=['media_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'media_report',
            'affected_columns': ['media_no'],
            'indexes': [['media_no'], ['report_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with fct_media_report as (
    {{ fact_of_records(
        'media_report',
        'stg_f16_activity_return__media_reports',
        [
            'media_no',
            'org_code',
            'report_date',
            'outlet',
            'topic',
            'campaign',
            'title',
        ],
        'report_date',
        count='media_reports',
    ) }}
)

{{ versioned('fct_media_report') }}
