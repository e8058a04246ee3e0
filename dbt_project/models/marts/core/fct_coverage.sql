{{
    config(
        unique_key=['feed_code', 'org_code', 'business_date'],
        meta={
            'branch_column': 'reader_org',
            'affected_by': 'int_affected__slices',
            'affected_columns': ['feed_code', 'org_code', 'business_date'],
            'indexes': [['business_date', 'org_code']],
        },
    )
}}

with slices as (
    select * from {{ ref('int_affected__slices') }}
),

-- The last verdict on each delivery.
judged as (
    select distinct on (deliveries.delivery_id)
        slices.feed_code,
        slices.org_code,
        slices.business_date,
        deliveries.report_time,
        deliveries.place,
        deliveries.status,
        verdicts.verdict,
        verdicts.hold_rules,
        verdicts.rows_held
    from slices
    inner join {{ source('audit', 'delivery') }} as deliveries
        on slices.feed_code = deliveries.feed_code
        and slices.org_code = deliveries.org_code
        and slices.business_date = deliveries.business_date
        and deliveries.pairing = 'paired'
    inner join {{ source('audit', 'verdict') }} as verdicts on deliveries.delivery_id = verdicts.delivery_id
    where {{ before_freeze('verdicts') }}
    order by deliveries.delivery_id, verdicts.verdict_id desc
),

-- The highest delivery of each slice that passed or takes back (UnPass, 3): it settles the holds below it.
settling as (
    select
        feed_code,
        org_code,
        business_date,
        max(place) as place
    from judged
    where verdict = 'accepted' or status = '3'
    group by feed_code, org_code, business_date
),

arrived as (
    select
        judged.feed_code,
        judged.org_code,
        judged.business_date,
        count(*) filter (where judged.verdict = 'held') as deliveries_held,
        -- What a person or a later delivery may still decide on. A rejection is for good.
        sum(judged.rows_held) filter (
            where (settling.place is null or judged.place > settling.place)
            and not 'D-rejected' = any(judged.hold_rules)
        ) as rows_held,
        -- A correction that comes later does not make a slice late: the first delivery that passed decides.
        coalesce(min(judged.report_time) filter (where judged.verdict = 'accepted'), min(judged.report_time))
            as reported_at
    from judged
    left join settling
        on judged.feed_code = settling.feed_code
        and judged.org_code = settling.org_code
        and judged.business_date = settling.business_date
    group by judged.feed_code, judged.org_code, judged.business_date
),

standing as (
    select
        slices.feed_code,
        slices.org_code,
        slices.business_date,
        versions.rows as rows_accepted,
        verdicts.rows_received,
        verdicts.rows_quarantined
    from slices
    inner join {{ source('audit', 'slice_publication') }} as published
        on slices.feed_code = published.feed_code
        and slices.org_code = published.org_code
        and slices.business_date = published.business_date
        and published.known_to_no is null
    inner join {{ source('audit', 'slice_version') }} as versions
        on published.slice_version_id = versions.slice_version_id
    inner join {{ source('audit', 'verdict') }} as verdicts on versions.verdict_id = verdicts.verdict_id
),

quarantined as (
    select
        slices.feed_code,
        slices.org_code,
        slices.business_date,
        sum({{ in_usd('open_rows.amount', usd_rate('null', 'open_rows.currency', 'open_rows.business_date')) }})
            as value_usd_quarantined
    from slices
    inner join {{ ref('stg_quarantine__open_rows') }} as open_rows
        on slices.feed_code = open_rows.feed_code
        and slices.org_code = open_rows.org_code
        and slices.business_date = open_rows.business_date
    group by slices.feed_code, slices.org_code, slices.business_date
),

waiting as (
    select
        slices.feed_code,
        slices.org_code,
        slices.business_date,
        count(*) as rows_waiting
    from slices
    inner join (
        select
            feed_code,
            sender_org,
            business_date,
            fate
        from {{ next_state('fct_unused_row') }} as of_declarations
        union all
        select
            feed_code,
            sender_org,
            business_date,
            fate
        from {{ next_state('fct_unused_case_row') }} as of_cases
    ) as unused
        on slices.feed_code = unused.feed_code
        and slices.org_code = unused.sender_org
        and slices.business_date = unused.business_date
    where unused.fate = 'waiting'
    group by slices.feed_code, slices.org_code, slices.business_date
),

due as (
    select
        slices.*,
        expected.feed_code is not null as is_due,
        slices.business_date + 1 + feeds.cutoff as cutoff_at
    from slices
    inner join {{ source('ref', 'feed') }} as feeds on slices.feed_code = feeds.feed_code
    left join {{ source('ref', 'due') }} as expected
        on slices.feed_code = expected.feed_code
        and slices.org_code = expected.org_code
        and slices.business_date = expected.business_date
),

fct_coverage as (
    select
        due.feed_code,
        due.org_code,
        due.business_date,
        due.is_due::int as due,
        -- Received, held and missing exclude each other, and together are what is due: a held slice has not come.
        (standing.feed_code is not null)::int as received,
        (standing.feed_code is null and arrived.feed_code is not null)::int as held,
        (due.is_due and standing.feed_code is null and arrived.feed_code is null)::int as missing,
        coalesce(standing.rows_received = 0, false)::int as nil,
        (standing.feed_code is not null and arrived.reported_at > due.cutoff_at)::int as late,
        coalesce(arrived.deliveries_held, 0)::int as deliveries_held,
        coalesce(arrived.rows_held, 0)::bigint as rows_held,
        coalesce(standing.rows_accepted, 0) as rows_accepted,
        coalesce(standing.rows_quarantined, 0) as rows_quarantined,
        coalesce(waiting.rows_waiting, 0) as rows_waiting,
        coalesce(quarantined.value_usd_quarantined, 0)::numeric(20, 2) as value_usd_quarantined,
        -- On which day a branch had disputes is for the province only: no branch is named that would see the row.
        case when due.feed_code not in {{ dispute_feeds() }} then due.org_code end as reader_org
    from due
    left join arrived
        on due.feed_code = arrived.feed_code
        and due.org_code = arrived.org_code
        and due.business_date = arrived.business_date
    left join standing
        on due.feed_code = standing.feed_code
        and due.org_code = standing.org_code
        and due.business_date = standing.business_date
    left join waiting
        on due.feed_code = waiting.feed_code
        and due.org_code = waiting.org_code
        and due.business_date = waiting.business_date
    left join quarantined
        on due.feed_code = quarantined.feed_code
        and due.org_code = quarantined.org_code
        and due.business_date = quarantined.business_date
    left join {{ source('audit', 'closed_day') }} as closed
        on due.business_date = closed.business_date
        and {{ before_freeze('closed') }}
    -- A slice of which nothing came shows once its day is closed, and no longer when it ceases to be due.
    where
        arrived.feed_code is not null
        or standing.feed_code is not null
        or (due.is_due and closed.business_date is not null)
)

{{ versioned('fct_coverage') }}
