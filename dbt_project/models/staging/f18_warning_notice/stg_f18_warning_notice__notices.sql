with stg_f18_warning_notice__notices as (
    select
        delivered.slice_version_id,
        delivered.delivery_id,
        delivered.sender_org,
        delivered.business_date,
        delivered.record_no,
        delivered.line_no,
        delivered.op,
        delivered.version_no,
        delivered.org_code,
        delivered.notice_no,
        delivered.direction,
        delivered.issuer,
        delivered.issue_date,
        delivered.notice_type,
        delivered.decl_no,
        delivered.product_group,
        delivered.product_category,
        delivered.product,
        delivered.subject,
        delivered.hazard,
        delivered.hazard_category,
        delivered.notifying_country,
        delivered.origin_countries,
        delivered.origin_org,
        delivered.risk,
        delivered.disposal,
        delivered.national_flag
    from {{ source('ods', 'f18_warning_notice') }} as delivered
)

select * from stg_f18_warning_notice__notices
