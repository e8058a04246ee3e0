with stg_f16_activity_return__documents as (
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
        delivered.doc_no,
        delivered.doc_code,
        delivered.doc_date,
        delivered.title,
        delivered.addressee
    from {{ source('ods', 'f16_document') }} as delivered
)

select * from stg_f16_activity_return__documents
