{{
    config(
        unique_key=['rule_id', 'decl_no', 'item_no', 'slice_version_id', 'line_no'],
        meta={
            'branch_column': 'sender_org',
            'affected_by': 'int_affected__declarations',
            'affected_columns': ['decl_no'],
            'indexes': [['decl_no']],
        },
    )
}}

with found as (
    select * from {{ ref('int_findings__declarations') }}
    union all
    select * from {{ ref('int_findings__rows') }}
    union all
    select * from {{ ref('int_findings__histories') }}
),

fct_finding as (
    select {{ finding_columns(['decl_no']) }}
    from found
    left join {{ source('ref', 'rule') }} as rules on found.rule_id = rules.rule_id
)

{{ versioned('fct_finding') }}
