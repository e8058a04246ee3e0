{{
    config(
        unique_key=['member_kind', 'member_code'],
        meta={
            'readers': 'all',
            'affected_by': 'int_affected__landbridge',
            'affected_columns': ['member_kind', 'member_code'],
        },
    )
}}
-- depends_on: {{ ref('int_affected__landbridge') }}

-- With versions, unlike the lists that it comes from: a province that is added or taken off changes no earlier figure.
with dim_landbridge as (
    select
        list_id as member_kind,
        code as member_code,
        name_zh,
        name_en,
        attributes ->> 'landbridge_basis' as basis
    from {{ source('ref', 'code') }}
    where list_id in ('province', 'port') and attributes ->> 'landbridge' = '1'
)

{{ versioned('dim_landbridge') }}
