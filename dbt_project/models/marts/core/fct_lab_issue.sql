{{
    config(
        unique_key=['issue_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'lab_issue',
            'affected_columns': ['issue_no'],
            'indexes': [['found_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}
{%- set columns = [
        'issue_no',
        'lab_code',
        'found_date',
        'rectified_date',
        'org_code',
        'category',
        'severity',
        'description',
    ] -%}

with records as (
    {{ fact_of_records('lab_issue', 'stg_f14_lab_management__issues', columns, 'found_date', 'issues') }}
),

fct_lab_issue as (
    select
        records.issue_no,
        records.lab_code,
        records.found_date,
        records.rectified_date,
        records.org_code,
        records.category,
        records.severity,
        records.description,
        records.org_id,
        records.sender_org,
        records.business_date,
        records.version_no,
        records.is_void,
        records.issues,
        (not records.is_void and records.rectified_date is not null)::int as issues_rectified,
        records.slice_version_id,
        records.delivery_id,
        records.line_no,
        records.void_slice_version_id,
        records.void_delivery_id,
        records.void_line_no
    from records
)

{{ versioned('fct_lab_issue') }}
