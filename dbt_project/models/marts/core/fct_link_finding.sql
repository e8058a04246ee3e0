{{
    config(
        unique_key=['rule_id', 'entity', 'key', 'item_no', 'slice_version_id', 'line_no'],
        meta={
            'branch_column': 'reader_org',
            'affected_by': 'int_affected__links',
            'affected_columns': ['entity', 'key'],
            'indexes': [['entity', 'key']],
        },
    )
}}

with found as (
    select * from {{ ref('int_findings__links') }}
    union all
    select * from {{ ref('int_findings__monthly') }}
    union all
    select * from {{ ref('int_findings__monthly_repeats') }}
    union all
    select * from {{ ref('int_findings__ent_class_links') }}
    union all
    select * from {{ ref('int_findings__wood_links') }}
),

fct_link_finding as (
    select {{ finding_columns(['entity', 'key'], reader_of_case_finding()) }}
    from found
    left join {{ source('ref', 'rule') }} as rules on found.rule_id = rules.rule_id
)

{{ versioned('fct_link_finding') }}
