with stg_f04_release_cert__certificates as (
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
        delivered.cert_no,
        delivered.decl_no,
        delivered.cert_type,
        delivered.issue_time,
        delivered.issued_on,
        delivered.valid_to,
        delivered.issue_org,
        delivered.hs_code,
        delivered.dest_country,
        delivered.copies,
        delivered.status,
        delivered.customs_decl_no,
        delivered.used_time,
        delivered.used_on
    from {{ source('ods', 'f04_release_cert') }} as delivered
)

select * from stg_f04_release_cert__certificates
