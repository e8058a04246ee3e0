{#-
    Completeness of a day and branch at the same publication. A day of which nothing has come has no status: it is
    provisional when something was due, else final.
-#}
{% macro completeness() -%}
    coalesce(day_status.completeness, case when days.is_workday then 'provisional' else 'final' end)
{%- endmacro %}


{% macro join_day_status(day, org) -%}
left join {{ as_of('fct_day_status') }} as day_status
    on {{ day }} = day_status.business_date and {{ org }} = day_status.org_code
left join {{ ref('dim_date') }} as days
    on {{ day }} = days.date_day
{%- endmacro %}
