{{
    config(
        unique_key=['rule_id', 'feed_code', 'sender_org', 'business_date'],
        meta={
            'branch_column': 'sender_org',
            'affected_by': 'int_affected__volumes',
            'affected_columns': ['feed_code', 'sender_org', 'business_date'],
            'indexes': [['business_date', 'sender_org']],
        },
    )
}}

with fct_slice_finding as (
    select
        found.rule_id,
        found.feed_code,
        coalesce(rules.severity, 'warning') as severity,
        found.sender_org,
        found.business_date,
        found.expected,
        found.found,
        1 as findings,
        found.slice_version_id,
        found.delivery_id
    from {{ ref('int_findings__volumes') }} as found
    left join {{ source('ref', 'rule') }} as rules on found.rule_id = rules.rule_id
)

{{ versioned('fct_slice_finding') }}
