with stg_f14_lab_management__documents as (
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
        delivered.title,
        delivered.lab_code,
        delivered.doc_date
    from {{ source('ods', 'f14_lab_document') }} as delivered
)

select * from stg_f14_lab_management__documents
