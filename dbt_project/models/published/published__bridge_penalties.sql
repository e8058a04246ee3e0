with {{ judged_deliveries() }},

parts as (
    {{ judged_amounts('F10') }}
    union all
    select
        milestones.business_date,
        milestones.sender_org,
        events.penalty_currency,
        'current' as step,
        events.penalty_cny
    from {{ as_of('fct_case_milestone') }} as milestones
    inner join {{ source('ods', 'f10_penalty_event') }} as events
        on milestones.business_date = events.business_date
        and milestones.slice_version_id = events.slice_version_id
        and milestones.line_no = events.line_no
    where milestones.case_kind = 'PENALTY'
    union all
    select
        unused.business_date,
        unused.sender_org,
        unused.currency,
        unused.fate,
        unused.value_orig
    from {{ as_of('fct_unused_case_row') }} as unused
    where unused.feed_code = 'F10'
)

select
    business_date,
    org_code,
    currency,
    {{ value_of_steps(['received', 'held', 'superseded', 'quarantined', 'waiting', 'void', 'current']) }}
from parts
group by business_date, org_code, currency
