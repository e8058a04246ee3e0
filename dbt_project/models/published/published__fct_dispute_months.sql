with day_statuses as (
    select
        org_code,
        {{ month_end('business_date') }} as month_end,
        bool_and(completeness = 'final') as is_final
    from {{ as_of('fct_day_status') }} as day_status
    group by org_code, {{ month_end('business_date') }}
)

select
    months.org_id,
    months.case_kind,
    months.month_end,
    months.matters_accepted,
    months.matters_filed,
    months.matters_closed,
    months.matters_open,
    case when day_statuses.is_final then 'final' else 'provisional' end as completeness
from {{ as_of('fct_dispute_months') }} as months
left join day_statuses
    on months.org_id = day_statuses.org_code and months.month_end = day_statuses.month_end
