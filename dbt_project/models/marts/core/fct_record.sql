{{
    config(
        unique_key=['entity', 'key', 'item'],
        meta={
            'branch_column': 'sender_org',
            'entity_column': 'entity',
            'affected_by': 'int_affected__records',
            'affected_columns': ['entity', 'key'],
            'indexes': [['entity', 'key'], ['business_date', 'sender_org']],
        },
    )
}}

with records as (
    select
        ranked.*,
        deletes.slice_version_id as void_slice_version_id,
        deletes.delivery_id as void_delivery_id,
        deletes.line_no as void_line_no
    from {{ ref('int_records__ranked') }} as ranked
    left join {{ ref('int_records__ranked') }} as deletes
        on ranked.entity = deletes.entity
        and ranked.key = deletes.key
        and ranked.item = deletes.item
        and deletes.rank_no = 1
        and deletes.is_delete
    where ranked.content_no = 1 and not ranked.is_delete
),

fct_record as (
    select
        feed_code,
        entity,
        key,
        item,
        sender_org,
        business_date,
        version_no,
        void_delivery_id is not null as is_void,
        (void_delivery_id is null)::int as records,
        slice_version_id,
        delivery_id,
        line_no,
        void_slice_version_id,
        void_delivery_id,
        void_line_no
    from records
)

{{ versioned('fct_record') }}
