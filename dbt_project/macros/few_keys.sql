{#-
    Rows of the affected keys: of the declarations, or of what another model holds in a column of the same name. A day's
    keys are looked up by index, whatever the planner thinks of probing each month's partition: it would rather scan all
    history, which costs more each year (decisions 15). Many keys are left to the planner, which scans.
-#}
{% macro rows_of_affected(staging, table, affected='int_affected__declarations', key='decl_no') -%}
    {%- if few_keys(table, "intermediate." ~ affected) -%}
    (
        select found.*
        from {{ ref(affected) }} as affected
        cross join lateral (
            select * from {{ ref(staging) }} as delivered
            where delivered.{{ key }} = affected.{{ key }}
            offset 0
        ) as found
    )
    {%- else -%}
    (
        select delivered.*
        from {{ ref(affected) }} as affected
        inner join {{ ref(staging) }} as delivered on affected.{{ key }} = delivered.{{ key }}
    )
    {%- endif -%}
{%- endmacro %}


{#- Whether the rows of `keys`, a table or a subquery, are few beside those of a feed's table. -#}
{% macro few_keys(table, keys='intermediate.int_affected__declarations') -%}
    {%- if not execute -%} {{ return(false) }} {%- endif -%}
    {%- set answer = run_query(
        "select (select count(*) from " ~ keys ~ ") * 50 < ("
        "select coalesce(sum(greatest(months.reltuples, 0)), 0) from pg_inherits"
        " inner join pg_class as months on pg_inherits.inhrelid = months.oid"
        " where pg_inherits.inhparent = '" ~ table ~ "'::regclass)"
    ) -%}
    {{ return(answer.columns[0].values()[0]) }}
{%- endmacro %}


{#- Rows of the keys of an entity that were queued for this build; few are looked up as above. -#}
{% macro rows_of_queued(staging, table, entity, key) -%}
    {%- set keys -%}
        (
            select keys.key
            from {{ source('audit', 'build_key') }} as keys
            where {{ of_this_build('keys') }} and keys.entity = '{{ entity }}'
        ) as queued
    {%- endset -%}
    {%- if few_keys(table, keys) -%}
    (
        select found.*
        from {{ keys }}
        cross join lateral (
            select * from {{ ref(staging) }} as delivered
            where delivered.{{ key }} = queued.key
            offset 0
        ) as found
    )
    {%- else -%}
    (
        select delivered.*
        from {{ keys }}
        inner join {{ ref(staging) }} as delivered on queued.key = delivered.{{ key }}
    )
    {%- endif -%}
{%- endmacro %}
