{{
    config(
        unique_key=['rule_id', 'entity', 'key', 'item_no', 'slice_version_id', 'line_no'],
        meta={
            'branch_column': 'reader_org',
            'affected_by': 'int_affected__entities',
            'affected_columns': ['entity', 'key'],
            'indexes': [['entity', 'key']],
        },
    )
}}
-- depends_on: {{ ref('int_affected__entities') }}

with found as (
    select * from {{ ref('int_findings__records') }}
    union all
    select * from {{ ref('int_findings__cases') }}
    union all
    select * from {{ ref('int_findings__certificates') }}
    union all
    select * from {{ ref('int_findings__origin_certs') }}
    union all
    select * from {{ ref('int_findings__versions') }}
    union all
    select * from {{ ref('int_findings__ent_classes') }}
),

fct_record_finding as (
    select {{ finding_columns(['entity', 'key'], reader_of_case_finding()) }}
    from found
    left join {{ source('ref', 'rule') }} as rules on found.rule_id = rules.rule_id
)

{{ versioned('fct_record_finding') }}
