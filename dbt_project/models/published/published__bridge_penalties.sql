with {{ judged_deliveries() }},

parts as (
    select
        deliveries.business_date,
        deliveries.org_code,
        amounts.currency,
        received.step,
        received.amount
    from deliveries
    inner join {{ source('audit', 'verdict_value') }} as amounts on deliveries.verdict_id = amounts.verdict_id
    cross join lateral (
        values
        ('received', amounts.received),
        ('held', amounts.held),
        ('quarantined', amounts.quarantined),
        ('superseded', case deliveries.state when 'superseded' then amounts.accepted end)
    ) as received (step, amount)
    where deliveries.feed_code = 'F10' and deliveries.state <> 'not_built'
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
    {% for step in ['received', 'held', 'superseded', 'quarantined', 'waiting', 'void', 'current'] -%}
    coalesce(sum(amount) filter (where step = '{{ step }}'), 0)::numeric(24, 2)
        as value_{{ step }}{{ ',' if not loop.last }}
    {% endfor %}
from parts
group by business_date, org_code, currency
