{{
    config(
        unique_key=['project_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'research_project',
            'affected_columns': ['project_no'],
            'indexes': [['approve_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}
{%- set columns = [
        'project_no',
        'approve_date',
        'org_code',
        'lead_org',
        'level',
        'title',
    ] -%}

with fct_research_project as (
    {{ fact_of_records('research_project', 'stg_f14_lab_management__projects', columns, 'approve_date', 'projects') }}
)

{{ versioned('fct_research_project') }}
