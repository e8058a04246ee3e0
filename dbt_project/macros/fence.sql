{#-
    A dbt process can outlive the builder that started it. Each model therefore holds this lock (shared) until it
    commits and checks that its build is still running; whoever undoes a build first marks it abandoned and then takes
    the lock exclusively. So no write of a build can come after its undoing. Key: ciq.building.locks.FENCE.
-#}
{% macro fence() %}
    select pg_advisory_xact_lock_shared(7300011);
    do $$
    declare
        build text := nullif(current_setting('ciq.build_id', true), '');
    begin
        if build is not null
            and not exists (select from audit.build as b where b.build_id = build::bigint and b.state = 'running')
        then
            raise exception 'build % is no longer the one that runs', build;
        end if;
    end $$
{% endmacro %}


{#- Outside a build, at deploy, nothing is affected: marts are created, checked for changed columns, and not filled. -#}
{% macro of_this_build(keys) -%}
    {{ keys }}.publication_no = {{ next_no() }} and nullif(current_setting('ciq.build_id', true), '') is not null
{%- endmacro %}
