{{
    config(
        unique_key=['rule_id', 'entity', 'key'],
        meta={
            'branch_column': 'reader_org',
            'affected_by': 'int_affected__serials',
            'affected_columns': ['rule_id', 'key'],
            'indexes': [['rule_id', 'key']],
        },
    )
}}

with found as (
    select * from {{ ref('int_findings__serials') }}
),

fct_serial_finding as (
    select {{ finding_columns(['entity', 'key'], reader_of_case_finding()) }}
    from found
    left join {{ source('ref', 'rule') }} as rules on found.rule_id = rules.rule_id
)

{{ versioned('fct_serial_finding') }}
