with {{ judged_deliveries() }},

{{ bridged_lots() }},

parts as (
    {{ judged_amounts('F01') }}
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
    {{ value_of_steps([
        'received', 'held', 'superseded', 'quarantined', 'waiting', 'void', 'outside', 'in_progress', 'reported',
    ]) }}
from parts
group by business_date, org_code, currency
