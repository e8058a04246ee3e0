with month_statuses as (
    {{ month_statuses() }}
)

select
    months.org_id,
    months.case_kind,
    months.month_end,
    months.matters_accepted,
    months.matters_filed,
    months.matters_closed,
    months.matters_open,
    coalesce(month_statuses.completeness, 'provisional') as completeness
from {{ as_of('fct_dispute_months') }} as months
left join month_statuses
    on months.org_id = month_statuses.org_code and months.month_end = month_statuses.month_end
