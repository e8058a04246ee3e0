{#-
    Who may read a mart (decisions 28). Each mart says in its meta one of
        branch_column: org_id       a branch reader sees the rows of its branches; offices count for theirs
        readers: all                every reader sees all rows: dimensions, and what vouches for facts of several branches
        readers: province           no right for branch readers, neither on the mart nor on views over it
    and is not deployed without. A mart of records of many entities names the column beside its branch_column
        entity_column: entity       of those that only readers of the whole province see, a branch reader sees no row
    Whoever reads a mart itself sees promoted rows only, and those of any publication.
    Only at deploy, as views are: changing a policy waits behind long BI queries, which a build must not.
-#}
{% macro mart_readers(mart) %}
    {%- set rule = reader_rule(model) -%}
    {%- set promoted = 'known_from_no <= (select access.promoted_no())' -%}
    -- Whatever somebody added meanwhile goes, or deploying would seal it.
    revoke all on {{ mart }} from public, ciq_bi_reader, ciq_branch_reader;
    grant select on {{ mart }} to {{ 'ciq_bi_reader' if rule == 'province' else 'ciq_bi_reader, ciq_branch_reader' }};
    do $$
    declare
        found record;
    begin
        for found in select polname from pg_policy where polrelid = '{{ mart }}'::regclass loop
            execute format('drop policy %I on {{ mart }}', found.polname);
        end loop;
    end $$;
    {%- if config.get('materialized') == 'versioned' %}
    alter table {{ mart }} enable row level security;
    create policy staff on {{ mart }} for select to ciq_loader, ciq_engineer, ciq_auditor using (true);
    create policy province on {{ mart }} for select to ciq_bi_reader using ({{ promoted }});
        {%- if rule == 'all' %}
    create policy branch on {{ mart }} for select to ciq_branch_reader using ({{ promoted }});
        {%- elif rule == 'branch' %}
    create policy branch on {{ mart }} for select to ciq_branch_reader using (
        {{ promoted }}
        and {{ model.config.meta['branch_column'] }} in (select own.org_code from access.own_branch as own)
        {%- if model.config.meta.get('entity_column') %}
        and {{ model.config.meta['entity_column'] }} not in ({{ texts(province_entities()) }})
        {%- endif %}
    );
        {%- endif %}
    {%- elif rule == 'branch' -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': a mart without versions has no rows of one branch') }}
    {%- endif %}
{% endmacro %}


{#-
    A published view reads with the rights of who asks, so that row security holds through it, and is open to branch
    readers where all that it shows is. One that reads the ledger or rows as received adds up what no branch reader may
    read: it keeps its owner's rights, and only readers of the whole province have it.
-#}
{% macro view_readers() %}
    {%- if execute -%}
        {%- set found = namespace(owners_rights=false, province=false) -%}
        {%- for id in model.depends_on.nodes -%}
            {%- set node = graph.sources.get(id) or graph.nodes[id] -%}
            {%- if node.resource_type == 'model' -%}
                {%- set found.province = found.province or reader_rule(node) == 'province' -%}
            {%- elif node.schema != 'ref' -%}
                {%- set found.owners_rights = true -%}
            {%- endif -%}
        {%- endfor -%}
        alter view {{ this }} set (security_invoker = {{ 'false' if found.owners_rights else 'true' }});
        {{ 'revoke' if found.owners_rights or found.province else 'grant' }} select on {{ this }}
        {{ 'from' if found.owners_rights or found.province else 'to' }} ciq_branch_reader
    {%- else -%}
        select 1
    {%- endif -%}
{% endmacro %}


{#- branch, all or province, as the mart's meta says; who says nothing, or two things, is not deployed. -#}
{% macro reader_rule(mart) -%}
    {%- set readers = mart.config.meta.get('readers') -%}
    {%- set column = mart.config.meta.get('branch_column') -%}
    {%- if column and not readers -%} {{ return('branch') }} {%- endif -%}
    {%- if not column and readers in ['all', 'province'] -%} {{ return(readers) }} {%- endif -%}
    {{ exceptions.raise_compiler_error(
        mart.name ~ ' does not say who may read it: give its meta either branch_column, or readers: all or province'
        ~ ' (docs/engineer.md, Who may read a mart)'
    ) }}
{%- endmacro %}


{#-
    Entities of which a branch reader sees no row: those of disputes (who disputes what), and those whose marts are all for
    readers of the whole province (what the bureau's own staff did).
-#}
{% macro province_entities() -%}
    {%- set hidden, shown = ['dispute_case'], [] -%}
    {%- if execute -%}
        {%- for mart in graph.nodes.values() if mart.resource_type == 'model' and mart.config.meta.get('affected_entity') -%}
            {%- do (hidden if reader_rule(mart) == 'province' else shown).append(mart.config.meta['affected_entity']) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(hidden | reject('in', shown) | unique | sort) }}
{%- endmacro %}


{#- Texts as a list of SQL literals. -#}
{% macro texts(found) -%}
    {%- for text in found -%} '{{ text }}'{{ ', ' if not loop.last }} {%- endfor -%}
{%- endmacro %}
