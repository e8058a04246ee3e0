{{
    config(
        unique_key=['business_date', 'org_code'],
        meta={
            'readers': 'all',
            'affected_by': 'int_affected__day_statuses',
            'affected_columns': ['business_date', 'org_code'],
        },
    )
}}

with coverage as not materialized (
    select * from {{ next_state('fct_coverage') }} as it
),

-- Days of a branch of which something shows: it came, it is missing, or a fact stands under it. So each published row
-- has its status in the same publication: what is due now says nothing of what was due then.
days as (
    select
        affected.business_date,
        affected.org_code
    from {{ ref('int_affected__day_statuses') }} as affected
    where exists (
        select from coverage
        where coverage.business_date = affected.business_date and coverage.org_code = affected.org_code
    )
    or exists (
        select from {{ next_state('fct_inspection_lot') }} as lots
        where lots.stat_date = affected.business_date and lots.org_id = affected.org_code
    )
    {% for mart in ['fct_inspection_lot', 'fct_goods_line', 'fct_evaluation'] -%}
    or exists (
        select from {{ next_state(mart) }} as details
        where details.business_date = affected.business_date and details.sender_org = affected.org_code
    )
    {% endfor %}
),

-- Every feed that is due, whether or not anything of it has come or the day is closed.
due as (
    select
        days.business_date,
        days.org_code,
        expected.feed_code
    from days
    inner join {{ source('ref', 'due') }} as expected
        on days.business_date = expected.business_date and days.org_code = expected.org_code
),

fct_day_status as (
    select
        days.business_date,
        days.org_code,
        case when count(due.feed_code) = count(coverage.feed_code) then 'final' else 'provisional' end as completeness,
        string_agg(due.feed_code, ',' order by due.feed_code) filter (where coverage.feed_code is null)
            as missing_feeds,
        count(due.feed_code)::int as feeds_due,
        count(coverage.feed_code)::int as feeds_received
    from days
    left join due
        on days.business_date = due.business_date
        and days.org_code = due.org_code
    left join coverage
        on due.business_date = coverage.business_date
        and due.org_code = coverage.org_code
        and due.feed_code = coverage.feed_code
        and coverage.received = 1
    group by days.business_date, days.org_code
)

{{ versioned('fct_day_status') }}
