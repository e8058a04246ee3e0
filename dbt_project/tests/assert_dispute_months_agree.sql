-- If this goes, a branch reads other sums of its disputes than the province, of months that are closed.
with months as (
    select distinct
        org_id,
        case_kind
    from {{ ref('int_affected__dispute_months') }}
),

sums as (
    select
        months.org_id,
        months.case_kind,
        summed.matters_accepted + summed.matters_filed as matters
    from months
    inner join {{ next_state('fct_dispute_months') }} as summed
        on months.org_id = summed.org_id and months.case_kind = summed.case_kind
    union all
    select
        months.org_id,
        months.case_kind,
        -(
            matters.complaints_accepted + matters.reports_accepted + matters.reconsiderations_filed
            + matters.lawsuits_filed
        )
    from months
    inner join {{ next_state('fct_disputes') }} as matters
        on months.org_id = matters.org_id and months.case_kind = matters.case_kind
    inner join {{ closed_month_ends() }} as closed
        on case
            when matters.case_kind in ('COMPLAINT', 'REPORT') then {{ month_end('matters.accepted_date') }}
            else {{ month_end('matters.filed_date') }}
        end = closed.month_end
)

select
    org_id,
    case_kind,
    sum(matters) as difference
from sums
group by org_id, case_kind
having sum(matters) <> 0
