{{
    config(
        unique_key=['rule_id', 'decl_no', 'item_no', 'slice_version_id', 'line_no'],
        meta={
            'branch_column': 'sender_org',
            'affected_by': 'int_affected__hs_lines',
            'affected_columns': ['decl_no'],
            'indexes': [['decl_no']],
        },
    )
}}

with found as (
    select * from {{ ref('int_findings__hs_codes') }}
),

fct_hs_finding as (
    select
        found.rule_id,
        left(found.rule_id, 3) as feed_code,
        coalesce(rules.severity, 'warning') as severity,
        found.decl_no,
        found.item_no,
        found.version_no,
        found.sender_org,
        found.business_date,
        found.expected,
        found.found,
        1 as findings,
        found.slice_version_id,
        found.delivery_id,
        found.line_no
    from found
    left join {{ source('ref', 'rule') }} as rules on found.rule_id = rules.rule_id
)

{{ versioned('fct_hs_finding') }}
