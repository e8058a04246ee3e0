{#-
    Rows of the affected declarations. A day's keys are looked up by index, whatever the planner thinks of probing each
    month's partition: it would rather scan all history, which costs more each year (decisions 15). Many keys are left
    to the planner, which scans.
-#}
{% macro rows_of_affected(staging, table) -%}
    {%- if few_keys(table) -%}
    (
        select found.*
        from {{ ref('int_affected__declarations') }} as affected
        cross join lateral (
            select * from {{ ref(staging) }} as delivered
            where delivered.decl_no = affected.decl_no
            offset 0
        ) as found
    )
    {%- else -%}
    (
        select delivered.*
        from {{ ref('int_affected__declarations') }} as affected
        inner join {{ ref(staging) }} as delivered on affected.decl_no = delivered.decl_no
    )
    {%- endif -%}
{%- endmacro %}


{% macro few_keys(table) -%}
    {%- if not execute -%} {{ return(false) }} {%- endif -%}
    {%- set answer = run_query(
        "select (select count(*) from intermediate.int_affected__declarations) * 50 < ("
        "select coalesce(sum(greatest(months.reltuples, 0)), 0) from pg_inherits"
        " inner join pg_class as months on pg_inherits.inhrelid = months.oid"
        " where pg_inherits.inhparent = '" ~ table ~ "'::regclass)"
    ) -%}
    {{ return(answer.columns[0].values()[0]) }}
{%- endmacro %}
