select
    documents.key as doc_no,
    documents.entity,
    documents.org_id,
    documents.org_code,
    documents.doc_code,
    documents.doc_date,
    documents.title,
    documents.addressee,
    documents.sender_org,
    documents.business_date,
    documents.version_no,
    documents.is_void,
    documents.documents,
    documents.slice_version_id,
    documents.delivery_id,
    documents.line_no,
    documents.void_slice_version_id,
    documents.void_delivery_id,
    documents.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_document') }} as documents
{{ join_day_status("documents.business_date", "documents.sender_org") }}
