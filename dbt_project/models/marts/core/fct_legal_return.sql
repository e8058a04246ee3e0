{{
    config(
        unique_key=['org_code', 'month_end'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__legal_returns',
            'affected_columns': ['org_code'],
            'indexes': [['org_code'], ['month_end', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with returns as (
    select * from {{ ref('int_legal_returns__current') }}
),

fct_legal_return as (
    select
        returns.org_code,
        returns.period_end as month_end,
        {{ branch_above('returns.org_code', 'returns.period_end') }} as org_id,
        returns.sender_org,
        returns.row_business_date as business_date,
        returns.version_no,
        returns.is_deleted as is_void,
        (not returns.is_deleted)::int as returns,
        -- A return that was taken back states nothing, not zero.
        case when not returns.is_deleted then returns.reconsiderations_filed end as reconsiderations_filed,
        case when not returns.is_deleted then returns.lawsuits_filed end as lawsuits_filed,
        returns.slice_version_id,
        returns.delivery_id,
        returns.line_no,
        returns.void_slice_version_id,
        returns.void_delivery_id,
        returns.void_line_no
    from returns
)

{{ versioned('fct_legal_return') }}
