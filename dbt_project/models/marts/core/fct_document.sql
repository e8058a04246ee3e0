{{
    config(
        unique_key=['entity', 'key'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_columns': ['entity', 'key'],
            'indexes': [['entity', 'key'], ['doc_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

-- Documents of the feeds that register them.
{%- set common = ['doc_no', 'org_code', 'doc_code', 'doc_date', 'title'] %}
with fct_document as (
    {% for entity, staging, more in [
        ('document', 'stg_f16_activity_return__documents', ['addressee']),
        ('lab_document', 'stg_f14_lab_management__documents', []),
    ] -%}
    select
        '{{ entity }}' as entity,
        documents.doc_no as key,
        documents.org_code,
        documents.org_id,
        documents.doc_code,
        documents.doc_date,
        documents.title,
        {{ 'documents.addressee' if more else 'null' }}::text as addressee,
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
        documents.void_line_no
    from ({{ fact_of_records(entity, staging, common + more, 'doc_date', count='documents') }}) as documents
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

{{ versioned('fct_document') }}
