{#- Verdicts that this build may see: those that were given before it was frozen. -#}
{% macro judged_before_freeze(verdicts) -%}
    pg_visible_in_snapshot({{ verdicts }}.xact, (
        select b.snapshot from {{ source('audit', 'build') }} as b
        where b.build_id = nullif(current_setting('ciq.build_id', true), '')::bigint
    ))
{%- endmacro %}
