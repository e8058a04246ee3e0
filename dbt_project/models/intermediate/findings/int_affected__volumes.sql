-- A day's volume is measured by the workdays before it, so a slice that changes concerns its own day and as many after.
with slices as (
    select
        feed_code,
        org_code,
        business_date
    from {{ ref('int_affected__slices') }}
),

workdays as (
    select * from {{ numbered_workdays() }} as it
),

int_affected__volumes as (
    select
        feed_code,
        org_code as sender_org,
        business_date
    from slices
    union
    select
        slices.feed_code,
        slices.org_code,
        later.day
    from slices
    inner join workdays on slices.business_date = workdays.day
    inner join workdays as later
        on workdays.workday_no < later.workday_no
        and workdays.workday_no >= later.workday_no - {{ volume_limits().workdays }}
)

select * from int_affected__volumes
