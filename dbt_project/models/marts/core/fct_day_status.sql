{{
    config(
        unique_key=['business_date', 'org_code'],
        meta={'affected_by': 'int_affected__slices', 'affected_columns': ['business_date', 'org_code']},
    )
}}

with days as (
    select distinct
        business_date,
        org_code
    from {{ ref('int_affected__slices') }}
),

-- Every feed that is due, whether or not anything of it has come or the day is closed.
due as (
    select
        days.business_date,
        days.org_code,
        feeds.feed_code
    from days
    inner join {{ source('ref', 'calendar') }} as calendar on days.business_date = calendar.day
    inner join {{ source('ref', 'org') }} as orgs on days.org_code = orgs.org_code
    cross join {{ source('ref', 'feed') }} as feeds
    where {{ is_due('feeds', 'orgs', 'calendar') }}
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
    left join {{ next_state('fct_coverage') }} as coverage
        on due.business_date = coverage.business_date
        and due.org_code = coverage.org_code
        and due.feed_code = coverage.feed_code
        and coverage.received = 1
    group by days.business_date, days.org_code
)

{{ versioned('fct_day_status') }}
