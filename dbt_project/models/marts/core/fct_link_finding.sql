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
),

fct_link_finding as (
    select
        found.rule_id,
        left(found.rule_id, 3) as feed_code,
        coalesce(rules.severity, 'warning') as severity,
        found.entity,
        found.key,
        found.item_no,
        found.version_no,
        found.sender_org,
        -- Who disputes what is for the province only: no branch is named that would see the row.
        case when found.entity <> 'dispute_case' then found.sender_org end as reader_org,
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

{{ versioned('fct_link_finding') }}
