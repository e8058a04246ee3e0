{#-
    CTEs that the auditors' views share. Macros and not views: dbt drops a view that it replaces with all that stands
    on it, and readers would miss the published ones meanwhile.
-#}

{#-
    Every judged delivery with the verdict that counts at the publication read: the one in force, else the last.
    state: in_force, held, superseded, or not_built (accepted, its slice still queued).
-#}
{% macro judged_deliveries() %}
    standing as (
        select published.slice_version_id
        from {{ source('audit', 'slice_publication') }} as published
        where
            published.known_from_no <= (select published.as_of_no())
            and (published.known_to_no is null or published.known_to_no > (select published.as_of_no()))
    ),

    queued as (
        select key from {{ source('audit', 'build_queue') }}
        where entity = 'slice'
        union
        select key from {{ source('audit', 'build_key') }}
        where entity = 'slice'
    ),

    verdicts as (
        select distinct on (verdicts.delivery_id)
            verdicts.delivery_id,
            verdicts.verdict_id,
            verdicts.verdict,
            verdicts.rows_received,
            verdicts.rows_accepted,
            verdicts.rows_quarantined,
            verdicts.rows_held,
            standing.slice_version_id is not null as is_in_force
        from {{ source('audit', 'verdict') }} as verdicts
        left join {{ source('audit', 'slice_version') }} as versions on verdicts.verdict_id = versions.verdict_id
        left join standing on versions.slice_version_id = standing.slice_version_id
        order by verdicts.delivery_id, (standing.slice_version_id is not null) desc, verdicts.verdict_id desc
    ),

    deliveries as (
        select
            verdicts.*,
            arrived.feed_code,
            arrived.org_code,
            arrived.business_date,
            arrived.data_name,
            arrived.place,
            case
                when verdicts.is_in_force then 'in_force'
                when queued.key is not null then 'not_built'
                when verdicts.verdict = 'held' then 'held'
                else 'superseded'
            end as state
        from verdicts
        inner join {{ source('audit', 'delivery') }} as arrived on verdicts.delivery_id = arrived.delivery_id
        left join queued
            on arrived.feed_code || '|' || arrived.org_code || '|' || arrived.business_date = queued.key
    )
{% endmacro %}


{#- Declarations by the delivery of the row that won, with the step of the bridge at which each leaves it. -#}
{% macro bridged_lots() %}
    lots as (
        select
            coalesce(lots.void_delivery_id, lots.delivery_id) as delivery_id,
            case
                when lots.is_void then 'void'
                when not lots.counts_in_goods_total then 'outside'
                when lots.stat_date is null then 'in_progress'
                else 'reported'
            end as step,
            -- The row that voids carries a value of its own, or none; the row that it voids is superseded.
            case when lots.void_delivery_id is null then lots.currency else coalesce(voids.currency, 'XXX') end as currency,
            case when lots.void_delivery_id is null then lots.total_value else voids.total_value end as value_orig,
            case
                when lots.void_delivery_id is null then lots.value_usd
                else {{ in_usd('voids.total_value', usd_rate('voids.usd_rate', 'voids.currency', 'voids.decl_date')) }}
            end as value_usd
        from {{ as_of('fct_inspection_lot') }} as lots
        left join {{ source('ods', 'f01_declaration') }} as voids
            on lots.void_slice_version_id = voids.slice_version_id
            and lots.void_line_no = voids.line_no
    )
{% endmacro %}


{% macro bridge_steps() -%}
    {{ return(['superseded', 'waiting', 'void', 'outside', 'in_progress', 'reported']) }}
{%- endmacro %}


{#- Amounts of a feed's deliveries as its verdicts told them, by the step of the bridge. Needs `judged_deliveries`. -#}
{% macro judged_amounts(feed_code) %}
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
    where deliveries.feed_code = '{{ feed_code }}' and deliveries.state <> 'not_built'
{% endmacro %}


{#- One column for each step of a bridge of amounts. -#}
{% macro value_of_steps(steps) -%}
    {% for step in steps -%}
    coalesce(sum(amount) filter (where step = '{{ step }}'), 0)::numeric(24, 2)
        as value_{{ step }}{{ ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}
