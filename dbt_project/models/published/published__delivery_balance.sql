with {{ judged_deliveries() }},

shown as (
    {% for mart in [
        'fct_inspection_lot', 'fct_goods_line', 'fct_evaluation', 'fct_certificate', 'fct_legal_return', 'fct_notice',
        'fct_origin_cert', 'fct_monthly_summary', 'fct_record', 'dim_hs_listed'
    ] -%}
    select
        coalesce(it.void_delivery_id, it.delivery_id) as delivery_id,
        case when it.is_void then 'void' else 'current' end as fate,
        count(*) as delivered
    from {{ as_of(mart) }} as it
    group by coalesce(it.void_delivery_id, it.delivery_id), it.is_void
    union all
    {% endfor -%}
    select
        delivery_id,
        fate,
        count(*) as delivered
    from {{ as_of('fct_unused_row') }} as unused
    group by delivery_id, fate
    union all
    select
        delivery_id,
        fate,
        count(*) as delivered
    from {{ as_of('fct_unused_case_row') }} as unused
    group by delivery_id, fate
    union all
    select
        delivery_id,
        'current' as fate,
        count(*) as delivered
    from {{ as_of('fct_case_milestone') }} as milestones
    group by delivery_id
),

by_delivery as (
    select
        delivery_id,
        {% for fate in ['superseded', 'void', 'waiting', 'current'] -%}
        coalesce(sum(delivered) filter (where fate = '{{ fate }}'), 0)::bigint
            as rows_{{ fate }}{{ ',' if not loop.last }}
        {% endfor %}
    from shown
    group by delivery_id
),

balance as (
    select
        deliveries.delivery_id,
        deliveries.feed_code,
        deliveries.org_code,
        deliveries.business_date,
        deliveries.data_name,
        deliveries.place,
        deliveries.state,
        deliveries.rows_accepted,
        case deliveries.state
            when 'superseded' then deliveries.rows_accepted else coalesce(by_delivery.rows_superseded, 0)
        end as rows_superseded,
        coalesce(by_delivery.rows_void, 0) as rows_void,
        coalesce(by_delivery.rows_waiting, 0) as rows_waiting,
        coalesce(by_delivery.rows_current, 0) as rows_current
    from deliveries
    left join by_delivery on deliveries.delivery_id = by_delivery.delivery_id
    where deliveries.verdict = 'accepted'
)

select
    delivery_id,
    feed_code,
    org_code,
    business_date,
    data_name,
    place::text as place,
    state,
    rows_accepted,
    rows_superseded,
    rows_void,
    rows_waiting,
    rows_current,
    state = 'not_built' or rows_accepted = rows_superseded + rows_void + rows_waiting + rows_current as is_balanced
from balance
