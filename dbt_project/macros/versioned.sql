{#-
    Versioned marts (decisions 12): business columns, row_digest, known_from_no, known_to_no. A mart's model ends with
    `versioned(cte)`; its config says
        unique_key              the grain; no column of it is ever null
        meta.affected_by        intermediate model that holds the affected keys of this build; one of the model's ancestors, so
                                that it is made first (where no `ref` leads there: -- depends_on)
        meta.affected_columns   its columns, of the same name in the mart: the rebuild touches no other rows
        meta.affected_entity    of models that hold keys of several entities (entity, key): the one that is the mart's; its
                                affected_columns then is the mart's column for the key
        meta.indexes            more indexes, as column lists; over all rows, since published views read any publication
    How they are written is materializations.sql's.
-#}

{#- The number under which this build writes. A literal: a function call would keep the planner from parallel plans. -#}
{% macro next_no() -%}
    {%- if execute -%} {{ run_query('select audit.next_no()').columns[0].values()[0] }} {%- else -%} 0 {%- endif -%}
{%- endmacro %}


{#- The technical columns. The digest covers the business columns in their order. -#}
{% macro versioned(cte) %}
    select
        it.*,
        sha256(convert_to(it::text, 'UTF8')) as row_digest,
        {{ next_no() }}::int as known_from_no,
        null::int as known_to_no
    from {{ cte }} as it
{% endmacro %}


{#-
    Within the transaction of the model, `fresh` being the temporary table of what it says now:
    1. what an earlier attempt did under this number is undone, so running a model twice is running it once;
    2. rows of affected keys that are not in the new result, or differ from it, are closed;
    3. rows of the new result that do not stand are opened. Equal rows are left alone.
-#}
{% macro versions_written(target, fresh, columns, next) %}
    {%- set key = config.get('unique_key') -%}
    {%- set meta = config.get('meta') -%}
    {%- set columns = columns | join(', ') -%}

    delete from {{ target }} where known_from_no = {{ next }};
    update {{ target }} set known_to_no = null where known_to_no = {{ next }};
    analyze {{ fresh }} ({{ key | join(', ') }}, row_digest);

    update {{ target }} as standing
    set known_to_no = {{ next }}
    where
        standing.known_to_no is null
        and exists (
            select
            from {{ target.database }}.intermediate.{{ meta['affected_by'] }} as affected
            where {{ is_affected(meta) }}
        )
        and not exists (
            select from {{ fresh }} as fresh where {{ same_row('fresh', 'standing', key) }}
        );

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ fresh }} as fresh
    where not exists (
        select from {{ target }} as standing
        where standing.known_to_no is null and {{ same_row('fresh', 'standing', key) }}
    );

    {{ analyze_if_grown(target, next) }}
{% endmacro %}


{#- Whether a row of the mart, `standing`, is of a key that is `affected`. -#}
{% macro is_affected(meta) -%}
    {%- if meta.get('affected_entity') -%}
        affected.entity = '{{ meta['affected_entity'] }}' and affected.key = standing.{{ meta['affected_columns'][0] }}
    {%- else -%}
        {%- for column in meta['affected_columns'] -%}
            affected.{{ column }} = standing.{{ column }}{{ ' and ' if not loop.last }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{% macro same_row(left, right, key) -%}
    {% for column in key %}{{ left }}.{{ column }} = {{ right }}.{{ column }} and {% endfor -%}
    {{ left }}.row_digest = {{ right }}.row_digest
{%- endmacro %}


{#- Autovacuum comes too late for the models that follow in the same build. -#}
{% macro analyze_if_grown(target, next) %}
    do $$
    begin
        if (select count(*) from (select from {{ target }} where known_from_no = {{ next }} limit 20000) as opened)
            > (select greatest(reltuples, 0) / 10 from pg_class where oid = '{{ target }}'::regclass)
        then
            analyze {{ target }};
        end if;
    end $$
{% endmacro %}


{#-
    Those that a mart does not have yet: all when the table is made, and what a later version of the model adds when it is
    deployed. The unique one enforces the grain of the next state: one row each, and no column of it null.
-#}
{% macro versioned_indexes(mart) %}
    {%- set there = indexes_of(mart) -%}
    {%- set key = config.get('unique_key') -%}
    {%- if mart.identifier ~ '_grain' not in there %}
        alter table {{ mart }} {% for column in key -%}
            alter column {{ column }} set not null{{ ', ' if not loop.last }}
        {%- endfor %};
        create unique index {{ mart.identifier }}_grain on {{ mart }} ({{ key | join(', ') }})
        where known_to_no is null;
    {%- endif %}
    {%- if mart.identifier ~ '_known_from' not in there %}
        create index {{ mart.identifier }}_known_from on {{ mart }} (known_from_no);
    {%- endif %}
    {%- if mart.identifier ~ '_known_to' not in there %}
        create index {{ mart.identifier }}_known_to on {{ mart }} (known_to_no) where known_to_no is not null;
    {%- endif %}
    {%- for columns in config.get('meta').get('indexes', []) %}
        {%- set name = mart.identifier ~ '_' ~ columns | join('_') -%}
        {#- PostgreSQL would cut the name, and the next deployment would look for it in vain and make the index again. -#}
        {%- if name | length > 63 -%}
            {{ exceptions.raise_compiler_error('The index name ' ~ name ~ ' is longer than 63 characters') }}
        {%- endif -%}
        {%- if name not in there %}
        create index {{ name }} on {{ mart }} ({{ columns | join(', ') }});
        {%- endif -%}
    {%- endfor %}
{% endmacro %}


{#- Names of a table's indexes. -#}
{% macro indexes_of(relation) -%}
    {%- set found = run_query(
        "select indexname from pg_indexes where schemaname = '" ~ relation.schema
        ~ "' and tablename = '" ~ relation.identifier ~ "'"
    ) -%}
    {{ return(found.columns[0].values() | list) }}
{%- endmacro %}
