{#-
    Completeness of a day and branch at the same publication. A day of which nothing has come has no status: it is
    provisional when something was due, else final. That is looked up for such days only, and only when it is asked for.
-#}
{% macro completeness(day, org) -%}
    coalesce(
        day_status.completeness,
        case
            when exists(
                select from {{ source('ref', 'due') }} as due
                where due.business_date = {{ day }} and due.org_code = {{ org }}
            ) then 'provisional'
            else 'final'
        end
    )
{%- endmacro %}


{% macro join_day_status(day, org) -%}
left join {{ as_of('fct_day_status') }} as day_status
    on {{ day }} = day_status.business_date and {{ org }} = day_status.org_code
{%- endmacro %}
