{#-
    Completeness of a day and branch at the same publication. Each day and branch under which a fact stands has its row
    in fct_day_status; without one, as in publications of before that was so, nothing vouches that the day was complete.
-#}
{% macro completeness() -%}
    coalesce(day_status.completeness, 'provisional')
{%- endmacro %}


{% macro join_day_status(day, org) -%}
left join {{ as_of('fct_day_status') }} as day_status
    on {{ day }} = day_status.business_date and {{ org }} = day_status.org_code
{%- endmacro %}
