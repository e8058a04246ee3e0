{#-
    Feeds whose records stand by themselves: each staging model that says so in its meta, with no other model named here.
        meta: {record: {feed: F07, table: f07_pest_interception, entity: interception, key: interception_no}}
    `key` is the column of the contract's entity; `item`, where the natural key has a second column, that one.
    The rows are read from ods itself: a name that is found while compiling is no dependency that dbt could order by.
-#}
{% macro record_feeds() -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('record') -%}
            {%- do found.append(node.config.meta['record']) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | sort(attribute='feed')) }}
{%- endmacro %}


{#- Delivered rows in force of the affected records of a feed, in record order (decisions 4). -#}
{% macro ranked_records(feed) %}
    {%- set item = 'delivered.' ~ feed.item ~ '::text' if feed.item else "''::text" %}
    select
        '{{ feed.feed }}' as feed_code,
        '{{ feed.entity }}' as entity,
        delivered.{{ feed.key }} as key,
        {{ item }} as item,
        delivered.version_no,
        delivered.business_date,
        delivered.slice_version_id,
        delivered.record_no,
        delivered.delivery_id,
        delivered.sender_org,
        delivered.line_no,
        delivered.op = 'D' as is_delete,
        row_number() over record_order as rank_no,
        sum((delivered.op <> 'D')::int) over record_order as content_no,
        bool_or(delivered.op <> 'D') over (partition by delivered.{{ feed.key }}, {{ item }}) as has_content,
        coalesce(
            delivered.version_no in (
                lag(delivered.version_no) over record_order, lead(delivered.version_no) over record_order
            ),
            false
        ) as is_repeated_version,
        delivered.version_no - coalesce(lead(delivered.version_no) over record_order, 0) as version_step
    from {{ rows_of_record(feed) }} as delivered
    inner join {{ ref('int_slices__standing') }} as slices on delivered.slice_version_id = slices.slice_version_id
    window
        record_order as (
            partition by delivered.{{ feed.key }}, {{ item }}
            order by delivered.version_no desc, delivered.business_date desc, slices.place_no desc, delivered.line_no desc
            rows between unbounded preceding and current row
        )
{% endmacro %}


{#- Few keys are looked up by index, as those of declarations are. -#}
{% macro rows_of_record(feed) -%}
    {%- set table = 'ods.' ~ feed.table -%}
    {%- set entity = "entity = '" ~ feed.entity ~ "'" -%}
    {%- set keys = "(select key from intermediate.int_affected__records where " ~ entity ~ ") as keys" -%}
    {%- if few_keys(table, keys) -%}
    (
        select found.*
        from {{ keys }}
        cross join lateral (
            select * from {{ table }} as rows_of_key
            where rows_of_key.{{ feed.key }} = keys.key
            offset 0
        ) as found
    )
    {%- else -%}
    (
        select rows_of_keys.*
        from {{ keys }}
        inner join {{ table }} as rows_of_keys on keys.key = rows_of_keys.{{ feed.key }}
    )
    {%- endif -%}
{%- endmacro %}


{#- The last I or U of each record of a feed with its columns; deleted when its last row of all is a D. -#}
{% macro current_records(feed_code, staging, columns) %}
    select
        {% for column in columns -%}
        delivered.{{ column }},
        {% endfor -%}
        delivered.version_no,
        deletes.delivery_id is not null as is_deleted,
        delivered.sender_org,
        delivered.business_date as row_business_date,
        delivered.slice_version_id,
        delivered.delivery_id,
        delivered.line_no,
        deletes.slice_version_id as void_slice_version_id,
        deletes.delivery_id as void_delivery_id,
        deletes.line_no as void_line_no
    from {{ ref('int_records__ranked') }} as ranked
    inner join {{ ref(staging) }} as delivered
        on ranked.business_date = delivered.business_date
        and ranked.slice_version_id = delivered.slice_version_id
        and ranked.record_no = delivered.record_no
    left join {{ ref('int_records__ranked') }} as deletes
        on ranked.feed_code = deletes.feed_code
        and ranked.key = deletes.key
        and ranked.item = deletes.item
        and deletes.rank_no = 1
        and deletes.is_delete
    where ranked.feed_code = '{{ feed_code }}' and ranked.content_no = 1 and not ranked.is_delete
{% endmacro %}
