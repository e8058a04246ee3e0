{#-
    Record types whose records stand by themselves: each staging model that says so in its meta, with no other model named
    here. A feed may have several (a sheet or an element each), every one with an entity of its own.
        meta: {record: {feed: F07, table: f07_pest_interception, entity: interception, key: interception_no}}
        meta: {record: {feed: F09, table: f09_ent_honor, entity: ent_honor, key: ent_code, item: [honor_code, year], type: honor}}
    `key` is the column of the contract's entity; `item`, where the natural key has more columns, that one or these.
    `type` is the record type's name in the contract where it is not the first: its rule ids carry it (F09-honor-version-gap).
    The rows are read from ods itself: a name that is found while compiling is no dependency that dbt could order by.
-#}
{% macro record_types() -%}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('record') -%}
            {%- set record = node.config.meta['record'] -%}
            {%- if record.entity in found -%}
                {{ exceptions.raise_compiler_error(
                    node.name ~ ' and the staging model of ' ~ found[record.entity].table ~ ' both call their records '
                    ~ record.entity ~ ': each record type has an entity of its own (docs/engineer.md, Add a feed)'
                ) }}
            {%- endif -%}
            {%- do found.update({record.entity: record}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found.values() | sort(attribute='entity') | sort(attribute='feed')) }}
{%- endmacro %}


{#- The text that tells the records of one key apart: the further columns of the natural key, joined by `/`; none: ''. -#}
{% macro item_of(record) -%}
    {%- set columns = [record.item] if record.item is string else record.item or [] -%}
    {%- if columns -%}
        concat_ws('/'{% for column in columns %}, delivered.{{ column }}::text{% endfor %})
    {%- else -%}
        ''::text
    {%- endif -%}
{%- endmacro %}


{#- Delivered rows in force of the affected records of a record type, in record order (decisions 4). -#}
{% macro ranked_records(record) %}
    {%- set item = item_of(record) %}
    select
        '{{ record.feed }}' as feed_code,
        '{{ record.feed }}{{ '-' ~ record.type if record.type }}' as rule_prefix,
        '{{ record.entity }}' as entity,
        delivered.{{ record.key }} as key,
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
        bool_or(delivered.op <> 'D') over (partition by delivered.{{ record.key }}, {{ item }}) as has_content,
        coalesce(
            delivered.version_no in (
                lag(delivered.version_no) over record_order, lead(delivered.version_no) over record_order
            ),
            false
        ) as is_repeated_version,
        delivered.version_no - coalesce(lead(delivered.version_no) over record_order, 0) as version_step
    from {{ rows_of_record(record) }} as delivered
    inner join {{ ref('int_slices__standing') }} as slices on delivered.slice_version_id = slices.slice_version_id
    window
        record_order as (
            partition by delivered.{{ record.key }}, {{ item }}
            order by delivered.version_no desc, delivered.business_date desc, slices.place_no desc, delivered.line_no desc
            rows between unbounded preceding and current row
        )
{% endmacro %}


{#- Few keys are looked up by index, as those of declarations are. -#}
{% macro rows_of_record(record) -%}
    {%- set table = 'ods.' ~ record.table -%}
    {%- set entity = "entity = '" ~ record.entity ~ "'" -%}
    {%- set keys = "(select key from intermediate.int_affected__records where " ~ entity ~ ") as keys" -%}
    {%- if few_keys(table, keys) -%}
    (
        select found.*
        from {{ keys }}
        cross join lateral (
            select * from {{ table }} as rows_of_key
            where rows_of_key.{{ record.key }} = keys.key
            offset 0
        ) as found
    )
    {%- else -%}
    (
        select rows_of_keys.*
        from {{ keys }}
        inner join {{ table }} as rows_of_keys on keys.key = rows_of_keys.{{ record.key }}
    )
    {%- endif -%}
{%- endmacro %}


{#- The last I or U of each record of an entity with its columns; deleted when its last row of all is a D. -#}
{% macro current_records(entity, staging, columns) %}
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
        on ranked.entity = deletes.entity
        and ranked.key = deletes.key
        and ranked.item = deletes.item
        and deletes.rank_no = 1
        and deletes.is_delete
    where ranked.entity = '{{ entity }}' and ranked.content_no = 1 and not ranked.is_delete
{% endmacro %}


{#-
    One row per record of an entity, as it was told last, taken back ones flagged: a fact that says what its feed says.
    `columns` of its staging model, org_code among them or not; org_id is the branch above org_code on the day of
    `date_column`, the sender without such a column. `count`: the name of a column that is 1 for what stands, else 0.
-#}
{% macro fact_of_records(entity, staging, columns, date_column, count=none) %}
    select
        {% for column in columns -%}
        records.{{ column }},
        {% endfor -%}
        {%- if 'org_code' in columns -%}
        {{ branch_above('records.org_code', 'records.' ~ date_column) }} as org_id,
        {%- else -%}
        records.sender_org as org_id,
        {%- endif %}
        records.sender_org,
        records.row_business_date as business_date,
        records.version_no,
        records.is_deleted as is_void,
        {%- if count %}
        (not records.is_deleted)::int as {{ count }},
        {%- endif %}
        records.slice_version_id,
        records.delivery_id,
        records.line_no,
        records.void_slice_version_id,
        records.void_delivery_id,
        records.void_line_no
    from ({{ current_records(entity, staging, columns) }}) as records
{% endmacro %}
