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


{#-
    Completeness of a month and branch: final when each of its own days that shows anything is. For facts whose month
    shows once its last day is closed: what was due and did not come shows by then.
-#}
{% macro month_statuses() -%}
    select
        org_code,
        {{ month_end('business_date') }} as month_end,
        case when bool_and(completeness = 'final') then 'final' else 'provisional' end as completeness
    from {{ as_of('fct_day_status') }} as day_status
    group by org_code, {{ month_end('business_date') }}
{%- endmacro %}


{#- The same for tables that show a month in progress: it is final only when its last workday shows, too. -#}
{% macro running_month_statuses() -%}
    select
        statuses.org_code,
        ends.month_end,
        case
            when bool_and(statuses.completeness = 'final') and max(statuses.business_date) >= max(ends.last_workday)
                then 'final'
            else 'provisional'
        end as completeness
    from {{ as_of('fct_day_status') }} as statuses
    inner join (
        select
            {{ month_end('date_day') }} as month_end,
            max(date_day) filter (where is_workday) as last_workday
        from {{ ref('dim_date') }}
        group by {{ month_end('date_day') }}
    ) as ends on {{ month_end('statuses.business_date') }} = ends.month_end
    group by statuses.org_code, ends.month_end
{%- endmacro %}
