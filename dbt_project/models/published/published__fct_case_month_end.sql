with month_statuses as (
    {{ month_statuses() }}
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
    coalesce(month_statuses.completeness, 'provisional') as completeness
from {{ as_of('fct_case_month_end') }} as snapshots
left join month_statuses
    on snapshots.org_id = month_statuses.org_code and snapshots.month_end = month_statuses.month_end
