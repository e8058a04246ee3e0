{{
    config(
        unique_key=['notice_no'],
        meta={
            'readers': 'all',
            'affected_by': 'int_affected__notices',
            'affected_columns': ['notice_no'],
            'indexes': [['notice_no'], ['issue_date'], ['business_date', 'sender_org']],
        },
    )
}}

with notices as (
    select * from {{ ref('int_notices__current') }}
),

fct_notice as (
    select
        notices.notice_no,
        notices.direction,
        notices.issuer,
        notices.issue_date,
        notices.notice_type,
        notices.decl_no,
        notices.product_group,
        notices.product_category,
        notices.product,
        notices.subject,
        notices.hazard,
        notices.hazard_category,
        notices.notifying_country,
        notices.origin_countries,
        case
            when notices.origin_org is null then 'UNKNOWN'
            else {{ branch_above('notices.origin_org', 'notices.issue_date') }}
        end as origin_org_id,
        notices.risk,
        notices.disposal,
        notices.national_flag,
        notices.org_code,
        notices.sender_org,
        notices.row_business_date as business_date,
        notices.version_no,
        notices.is_deleted as is_void,
        (not notices.is_deleted)::int as notices,
        notices.slice_version_id,
        notices.delivery_id,
        notices.line_no,
        notices.void_slice_version_id,
        notices.void_delivery_id,
        notices.void_line_no
    from notices
)

{{ versioned('fct_notice') }}
