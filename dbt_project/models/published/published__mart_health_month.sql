with month_statuses as (
    {{ running_month_statuses() }}
),

events as (
    select
        {{ month_end('event_date') }} as month_end,
        org_id,
        event_type,
        events,
        inspected,
        vector_positive,
        vectors,
        0 as persons_screened,
        0 as persons_with_fever,
        0 as diseases_confirmed
    from {{ as_of('fct_conveyance_quarantine') }} as conveyances
    union all
    select
        {{ month_end('event_date') }},
        org_id,
        event_type,
        0,
        0,
        0,
        0,
        persons_screened,
        persons_with_fever,
        diseases_confirmed
    from {{ as_of('fct_health_screening') }} as screenings
),

months as (
    select
        month_end,
        org_id,
        event_type,
        sum(events)::bigint as conveyance_events,
        sum(inspected)::bigint as inspected,
        sum(vector_positive)::bigint as vector_positive,
        sum(vectors)::bigint as vectors,
        sum(persons_screened)::bigint as persons_screened,
        sum(persons_with_fever)::bigint as persons_with_fever,
        sum(diseases_confirmed)::bigint as diseases_confirmed
    from events
    group by month_end, org_id, event_type
)

select
    months.month_end,
    months.org_id,
    months.event_type,
    months.conveyance_events,
    months.inspected,
    months.vector_positive,
    months.vectors,
    months.persons_screened,
    months.persons_with_fever,
    months.diseases_confirmed,
    coalesce(month_statuses.completeness, 'provisional') as completeness
from months
left join month_statuses on months.month_end = month_statuses.month_end and months.org_id = month_statuses.org_code
