{#- Verdicts and closed days that this build may see: those that were there when it was frozen. -#}
{% macro before_freeze(ledger) -%}
    pg_visible_in_snapshot({{ ledger }}.xact, (
        select b.snapshot from {{ source('audit', 'build') }} as b
        where b.build_id = nullif(current_setting('ciq.build_id', true), '')::bigint
    ))
{%- endmacro %}


{#-
    Month ends of which snapshots are taken: closed, and due. Not by the clock: which days are closed stands in the
    ledger, and the build reads them as they stood when it was frozen.
-#}
{% macro closed_month_ends() -%}
    (
        select closed.business_date as month_end
        from {{ source('audit', 'closed_day') }} as closed
        cross join {{ source('ref', 'due_days') }} as bounds
        where
            closed.business_date = {{ month_end('closed.business_date') }}
            and (bounds.first_day is null or closed.business_date >= bounds.first_day)
            and (bounds.last_day is null or closed.business_date <= bounds.last_day)
            and {{ before_freeze('closed') }}
    )
{%- endmacro %}


{#- The last day of the month of a day. -#}
{% macro month_end(day) -%} (date_trunc('month', {{ day }}) + interval '1 month - 1 day')::date {%- endmacro %}
