{#- Verdicts that this build may see: those that were given before it was frozen. -#}
{% macro judged_before_freeze(verdicts) -%}
    pg_visible_in_snapshot({{ verdicts }}.xact, (
        select b.snapshot from {{ source('audit', 'build') }} as b
        where b.build_id = nullif(current_setting('ciq.build_id', true), '')::bigint
    ))
{%- endmacro %}


{#- Whether a feed is due from an organisation on a day: the feed's calendar and first day, the branch and its life. -#}
{% macro is_due(feeds, orgs, calendar) -%}
    (
        {{ feeds }}.calendar = 'workday'
        and {{ calendar }}.is_workday
        and {{ calendar }}.day >= {{ feeds }}.effective_from
        and {{ orgs }}.is_due
        and {{ calendar }}.day >= {{ orgs }}.valid_from
        and ({{ orgs }}.valid_to is null or {{ calendar }}.day <= {{ orgs }}.valid_to)
    )
{%- endmacro %}
