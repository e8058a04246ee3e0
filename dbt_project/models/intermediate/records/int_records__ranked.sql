-- depends_on: {{ ref('int_affected__records') }}
-- depends_on: {{ ref('int_slices__standing') }}
{{ config(indexes=[{'columns': ['entity', 'key', 'item']}]) }}

with int_records__ranked as (
    {%- for record in record_types() %}
    ({{ ranked_records(record) }})
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        null::text as feed_code,
        null::text as rule_prefix,
        null::text as entity,
        null::text as key,
        null::text as item,
        null::int as version_no,
        null::date as business_date,
        null::bigint as slice_version_id,
        null::bigint as record_no,
        null::bigint as delivery_id,
        null::text as sender_org,
        null::bigint as line_no,
        null::boolean as is_delete,
        null::bigint as rank_no,
        null::bigint as content_no,
        null::boolean as has_content,
        null::boolean as is_repeated_version,
        null::int as version_step
    where false
    {%- endfor %}
)

select * from int_records__ranked
