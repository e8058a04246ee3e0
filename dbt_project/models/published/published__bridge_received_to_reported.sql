with {{ judged_deliveries() }},

{{ bridged_lots() }},

valued as (
    select
        amounts.verdict_id,
        sum({{ in_usd('amounts.accepted', usd_rate('null', 'amounts.currency', 'deliveries.business_date')) }})
            as usd_accepted,
        sum({{ in_usd('amounts.quarantined', usd_rate('null', 'amounts.currency', 'deliveries.business_date')) }})
            as usd_quarantined,
        sum({{ in_usd('amounts.held', usd_rate('null', 'amounts.currency', 'deliveries.business_date')) }}) as usd_held
    from deliveries
    inner join {{ source('audit', 'verdict_value') }} as amounts on deliveries.verdict_id = amounts.verdict_id
    where deliveries.feed_code = 'F01'
    group by amounts.verdict_id
),

-- What the accepted rows in force are worth, from the rows as received: nothing of it comes from a mart.
delivered as (
    select
        rows.delivery_id,
        sum({{ in_usd('rows.total_value', usd_rate('rows.usd_rate', 'rows.currency', 'rows.decl_date')) }})
            as usd_in_force
    from standing
    inner join {{ source('ods', 'f01_declaration') }} as rows
        on standing.slice_version_id = rows.slice_version_id
    group by rows.delivery_id
),

parts as (
    select
        delivery_id,
        step,
        count(*) as parts,
        sum(value_usd) as value_usd
    from lots
    group by delivery_id, step
    union all
    select
        delivery_id,
        fate,
        count(*),
        sum(value_usd)
    from {{ as_of('fct_unused_row') }} as unused
    where feed_code = 'F01'
    group by delivery_id, fate
),

by_delivery as (
    select
        delivery_id,
        {% for step in bridge_steps() -%}
        coalesce(sum(parts) filter (where step = '{{ step }}'), 0) as lots_{{ step }},
        coalesce(sum(value_usd) filter (where step = '{{ step }}'), 0) as usd_{{ step }}{{ ',' if not loop.last }}
        {% endfor %}
    from parts
    group by delivery_id
),

bridge as (
    select
        deliveries.business_date,
        deliveries.org_code,
        sum(deliveries.rows_received) filter (where deliveries.state <> 'not_built') as lots_received,
        sum(deliveries.rows_held) filter (where deliveries.state <> 'not_built') as lots_held,
        sum(deliveries.rows_quarantined) filter (where deliveries.state <> 'not_built') as lots_quarantined,
        sum(deliveries.rows_accepted) filter (where deliveries.state = 'superseded')
            as lots_of_superseded,
        sum(deliveries.rows_received) filter (where deliveries.state = 'not_built') as lots_not_built,
        sum(valued.usd_held) filter (where deliveries.state <> 'not_built') as usd_held,
        sum(valued.usd_quarantined) filter (where deliveries.state <> 'not_built') as usd_quarantined,
        sum(valued.usd_accepted) filter (where deliveries.state = 'superseded') as usd_of_superseded,
        sum(delivered.usd_in_force) as usd_in_force,
        {% for step in bridge_steps() -%}
        coalesce(sum(by_delivery.lots_{{ step }}), 0) as lots_{{ step }},
        coalesce(sum(by_delivery.usd_{{ step }}), 0) as usd_{{ step }}{{ ',' if not loop.last }}
        {% endfor %}
    from deliveries
    left join valued on deliveries.verdict_id = valued.verdict_id
    left join delivered on deliveries.delivery_id = delivered.delivery_id
    left join by_delivery on deliveries.delivery_id = by_delivery.delivery_id
    where deliveries.feed_code = 'F01'
    group by deliveries.business_date, deliveries.org_code
)

select
    business_date,
    org_code,
    coalesce(lots_received, 0)::bigint as lots_received,
    coalesce(lots_held, 0)::bigint as lots_held,
    (lots_superseded + coalesce(lots_of_superseded, 0))::bigint as lots_superseded,
    coalesce(lots_quarantined, 0)::bigint as lots_quarantined,
    lots_waiting::bigint as lots_waiting,
    lots_void::bigint as lots_void,
    lots_outside::bigint as lots_outside,
    lots_in_progress::bigint as lots_in_progress,
    lots_reported::bigint as lots_reported,
    (
        coalesce(usd_held, 0) + coalesce(usd_quarantined, 0) + coalesce(usd_of_superseded, 0)
        + coalesce(usd_in_force, 0)
    )::numeric(20, 2) as usd_received,
    coalesce(usd_held, 0)::numeric(20, 2) as usd_held,
    (usd_superseded + coalesce(usd_of_superseded, 0))::numeric(20, 2) as usd_superseded,
    coalesce(usd_quarantined, 0)::numeric(20, 2) as usd_quarantined,
    usd_waiting::numeric(20, 2) as usd_waiting,
    usd_void::numeric(20, 2) as usd_void,
    usd_outside::numeric(20, 2) as usd_outside,
    usd_in_progress::numeric(20, 2) as usd_in_progress,
    usd_reported::numeric(20, 2) as usd_reported,
    coalesce(lots_not_built, 0)::bigint as lots_not_built
from bridge
