{{
    config(
        unique_key=['submission_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'report_submission',
            'affected_columns': ['submission_no'],
            'indexes': [['submission_no'], ['submit_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with submissions as (
    {{ fact_of_records(
        'report_submission',
        'stg_f16_activity_return__report_submissions',
        [
            'submission_no',
            'org_code',
            'report_code',
            'report_kind',
            'report_date',
            'submit_date',
            'submit_time',
            'submit_status',
            'row_cnt',
        ],
        'report_date',
    ) }}
),

fct_report_submission as (
    select
        submissions.*,
        -- In time: by the cut-off of a day's files, 02:00 of the next day.
        submissions.submit_time < submissions.report_date + interval '1 day 2 hours' as is_on_time,
        (not submissions.is_void and submissions.submit_status = '2')::int as reports
    from submissions
)

{{ versioned('fct_report_submission') }}
