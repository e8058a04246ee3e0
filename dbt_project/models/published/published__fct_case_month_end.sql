with day_statuses as (
    select
        org_code,
        {{ month_end('business_date') }} as month_end,
        bool_and(completeness = 'final') as is_final
    from {{ as_of('fct_day_status') }} as day_status
    group by org_code, {{ month_end('business_date') }}
)

select
    snapshots.case_no,
    snapshots.month_end,
    snapshots.matter_no,
    snapshots.case_kind,
    snapshots.org_id,
    snapshots.state,
    snapshots.begun_date,
    snapshots.days_open,
    snapshots.cases_open,
    case when day_statuses.is_final then 'final' else 'provisional' end as completeness
from {{ as_of('fct_case_month_end') }} as snapshots
left join day_statuses
    on snapshots.org_id = day_statuses.org_code and snapshots.month_end = day_statuses.month_end
