{#-
    How tables are written (ADR 0023). dbt's own `table` and `incremental` serve readers who look while dbt writes, and any
    database: twelve to twenty statements for each model, of which each costs dbt more than it costs PostgreSQL. Nobody reads
    an intermediate table, and what a mart shows is decided at the promotion; so four to seven will do.
    Each runs in one transaction, with the hooks that are to run in it. Of a model's config only what is named here counts.
-#}

{#- What one build works with: dropped and made anew, with statistics for the models that follow. Config: indexes, unlogged. -#}
{% materialization scratch, adapter='postgres' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing and existing.type != 'table' -%} {%- do adapter.drop_relation(existing) -%} {%- endif -%}
    {%- call statement('main') -%}
        drop table if exists {{ target }} cascade;
        {{ get_create_table_as_sql(False, target, sql) }}
        {%- for index in config.get('indexes', default=[]) %}
        {{ get_create_index_sql(target, index) }};
        {%- endfor %}
        analyze {{ target }};
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{#- A mart that keeps its history: versioned.sql. Config: unique_key and meta. -#}
{% materialization versioned, adapter='postgres' %}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if stands(this) -%}
        {%- set fresh = make_temp_relation(target) -%}
        {%- do run_query(get_create_table_as_sql(True, fresh, sql)) -%}
        {%- set columns, next, deploying, has_grain = columns_of_both(fresh, target) -%}
        {%- call statement('main') -%}
            {{ versions_written(target, fresh, columns, next) }}
        {%- endcall -%}
    {%- else -%}
        {%- do made_anew(target, sql) -%}
        {%- set deploying, has_grain = true, false -%}
    {%- endif -%}
    {%- if deploying or not has_grain -%}
        {%- do run_query(versioned_indexes(target) ~ (mart_readers(target) if deploying else '')) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{#- A static dimension: filled anew at deploy, in place, so that views over it stay. Config: indexes and meta. -#}
{% materialization replaced, adapter='postgres' %}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if stands(this) -%}
        {%- set fresh = make_temp_relation(target) -%}
        {%- do run_query(get_create_table_as_sql(True, fresh, sql)) -%}
        {%- set columns = columns_of_both(fresh, target)[0] | join(', ') -%}
        {%- call statement('main') -%}
            delete from {{ target }};
            insert into {{ target }} ({{ columns }}) select {{ columns }} from {{ fresh }}
        {%- endcall -%}
    {%- else -%}
        {%- do made_anew(target, sql) -%}
        {%- do create_indexes(target) -%}
    {%- endif -%}
    {%- do run_query(mart_readers(target)) -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{#- Whether a mart is there. What has its name and is no table is not ours to replace. -#}
{% macro stands(mart) -%}
    {%- set existing = load_cached_relation(mart) -%}
    {%- if existing and existing.type != 'table' -%}
        {{ exceptions.raise_compiler_error(mart ~ ' is no table but a ' ~ existing.type ~ ': drop it or rename it') }}
    {%- endif -%}
    {{ return(existing is not none) }}
{%- endmacro %}


{#- Only a deployment makes marts: it also seals who may read them. -#}
{% macro made_anew(mart, sql) -%}
    {%- if not run_query('select ' ~ is_deployment()).columns[0].values()[0] -%}
        {{ exceptions.raise_compiler_error(mart ~ ' is not deployed: run ciq init') }}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ get_create_table_as_sql(False, mart, sql) }}
    {%- endcall -%}
{%- endmacro %}


{#-
    The columns of a mart and of what its model makes now, quoted, in order; and, from the same round trip, the number under
    which is written, whether this is a deployment, and whether the index of the grain is there. History cannot be
    recomputed: where columns or their types differ, nothing is written.
-#}
{% macro columns_of_both(fresh, target) -%}
    {%- set grain = "'" ~ target.schema ~ "." ~ target.identifier ~ "_grain'" -%}
    {%- set found = run_query(
        "with fresh as (" ~ columns_of(fresh) ~ "), standing as (" ~ columns_of(target) ~ ")"
        " select coalesce(fresh.name, standing.name), fresh.type, standing.type, audit.next_no(),"
        " " ~ is_deployment() ~ ", to_regclass(" ~ grain ~ ") is not null"
        " from fresh full join standing on fresh.name = standing.name order by fresh.place"
    ).rows -%}
    {%- set differing = [] -%}
    {%- for name, made, stands, next, deploying, has_grain in found if made != stands -%}
        {%- do differing.append(name ~ ' (' ~ (made or 'not in the model') ~ '; ' ~ (stands or 'not in the table') ~ ')') -%}
    {%- endfor -%}
    {%- if differing -%}
        {{ exceptions.raise_compiler_error(
            'columns of the model and of the table ' ~ target ~ ' differ: ' ~ differing | join(', ')
        ) }}
    {%- endif -%}
    {{ return((found | map(attribute=0) | list, found[0][3], found[0][4], found[0][5])) }}
{%- endmacro %}


{% macro columns_of(relation) -%}
    select quote_ident(attname) as name, format_type(atttypid, atttypmod) as type, attnum as place
    from pg_attribute
    where attrelid = '{{ relation }}'::regclass and attnum > 0 and not attisdropped
{%- endmacro %}


{#- SQL: whether this runs outside a build. -#}
{% macro is_deployment() -%}
    coalesce(current_setting('ciq.build_id', true), '') = ''
{%- endmacro %}
