with month_statuses as (
    {{ running_month_statuses() }}
),

events as (
    {% for day, measure in [
        ('filed_date', 'cases_filed'), ('decided_date', 'cases_decided'), ('closed_date', 'cases_closed'),
    ] -%}
    select
        {{ month_end(day) }} as month_end,
        org_id,
        coalesce(cause_code, 'UNKNOWN') as cause,
        coalesce(procedure, 'UNKNOWN') as course,
        {{ measure if measure == 'cases_filed' else '0' }} as cases_filed,
        {{ measure if measure == 'cases_decided' else '0' }} as cases_decided,
        {{ measure if measure == 'cases_closed' else '0' }} as cases_closed,
        {{ 'fine_cny' if measure == 'cases_decided' else '0' }} as fine_cny,
        {{ 'confiscation_cny' if measure == 'cases_decided' else '0' }} as confiscation_cny
    from {{ as_of('fct_penalties') }} as cases
    where {{ measure }} = 1
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

months as (
    select
        month_end,
        org_id,
        cause as cause_code,
        course as procedure,
        sum(cases_filed)::bigint as cases_filed,
        sum(cases_decided)::bigint as cases_decided,
        sum(cases_closed)::bigint as cases_closed,
        sum(fine_cny)::numeric(20, 2) as fine_cny,
        sum(confiscation_cny)::numeric(20, 2) as confiscation_cny
    from events
    group by month_end, org_id, cause, course
)

select
    months.month_end,
    months.org_id,
    months.cause_code,
    months.procedure,
    months.cases_filed,
    months.cases_decided,
    months.cases_closed,
    months.fine_cny,
    months.confiscation_cny,
    coalesce(month_statuses.completeness, 'provisional') as completeness
from months
left join month_statuses on months.month_end = month_statuses.month_end and months.org_id = month_statuses.org_code
