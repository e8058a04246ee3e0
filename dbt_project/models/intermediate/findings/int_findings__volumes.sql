-- How many records a slice in force received, against the median of the same feed and branch on the workdays before.
{%- set limits = volume_limits() %}
with affected as (
    select volumes.*
    from {{ ref('int_affected__volumes') }} as volumes
    inner join {{ source('ref', 'rule') }} as rules on volumes.feed_code || '-volume-unusual' = rules.rule_id
),

workdays as (
    select * from {{ numbered_workdays() }} as it
),

-- The affected days and the workdays that they are measured by: not all slices that stand.
days as (
    select *
    from workdays
    where
        workday_no between
        (
            select min(first.workday_no) - {{ limits.workdays }}
            from workdays as first
            where first.day >= (select min(affected.business_date) from affected)
        )
        and (
            select max(last.workday_no)
            from workdays as last
            where last.day <= (select max(affected.business_date) from affected)
        )
),

sizes as (
    select
        published.feed_code,
        published.org_code as sender_org,
        published.business_date,
        days.workday_no,
        verdicts.rows_received,
        versions.slice_version_id,
        verdicts.delivery_id
    from {{ source('audit', 'slice_publication') }} as published
    inner join {{ source('audit', 'slice_version') }} as versions
        on published.slice_version_id = versions.slice_version_id
    inner join {{ source('audit', 'verdict') }} as verdicts on versions.verdict_id = verdicts.verdict_id
    inner join days on published.business_date = days.day
    where published.known_to_no is null
),

concerned as (
    select sizes.*
    from affected
    inner join sizes
        on affected.feed_code = sizes.feed_code
        and affected.sender_org = sizes.sender_org
        and affected.business_date = sizes.business_date
),

-- Day by day, so that it is a join by equality, however long the history.
measured as (
    select
        concerned.feed_code,
        concerned.sender_org,
        concerned.business_date,
        concerned.rows_received,
        concerned.slice_version_id,
        concerned.delivery_id,
        count(*) as days,
        percentile_disc(0.5) within group (order by before.rows_received) as usual
    from concerned
    cross join generate_series(1, {{ limits.workdays }}) as back (steps)
    inner join sizes as before
        on concerned.feed_code = before.feed_code
        and concerned.sender_org = before.sender_org
        and concerned.workday_no - back.steps = before.workday_no
    group by
        concerned.feed_code,
        concerned.sender_org,
        concerned.business_date,
        concerned.rows_received,
        concerned.slice_version_id,
        concerned.delivery_id
),

int_findings__volumes as (
    select
        feed_code || '-volume-unusual' as rule_id,
        feed_code,
        sender_org,
        business_date,
        concat(
            ceil(usual::numeric / {{ limits.factor }}), ' to ', usual * {{ limits.factor }},
            ' records: the median of ', days, ' workdays before is ', usual
        ) as expected,
        concat(rows_received, ' records') as found,
        slice_version_id,
        delivery_id
    from measured
    where
        days >= {{ limits.enough }}
        and abs(rows_received - usual) >= {{ limits.least }}
        and (rows_received * {{ limits.factor }} < usual or rows_received > usual * {{ limits.factor }})
)

select * from int_findings__volumes
