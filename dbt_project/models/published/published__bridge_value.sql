with {{ judged_deliveries() }},

{{ bridged_lots() }},

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
    where deliveries.feed_code = 'F01' and deliveries.state <> 'not_built'
    union all
    select
        deliveries.business_date,
        deliveries.org_code,
        lots.currency,
        lots.step,
        sum(lots.value_orig) as amount
    from lots
    inner join deliveries on lots.delivery_id = deliveries.delivery_id
    where lots.value_orig is not null
    group by deliveries.business_date, deliveries.org_code, lots.currency, lots.step
    union all
    select
        unused.business_date,
        unused.sender_org,
        unused.currency,
        unused.fate,
        unused.value_orig
    from {{ as_of('fct_unused_row') }} as unused
    where unused.feed_code = 'F01' and unused.value_orig is not null
)

select
    business_date,
    org_code,
    currency,
    {% for step in [
        'received', 'held', 'superseded', 'quarantined', 'waiting', 'void', 'outside', 'in_progress', 'reported',
    ] -%}
    coalesce(sum(amount) filter (where step = '{{ step }}'), 0)::numeric(24, 2)
        as value_{{ step }}{{ ',' if not loop.last }}
    {% endfor %}
from parts
group by business_date, org_code, currency
