-- Slices whose coverage may change: queued ones, all due ones of days that were closed, and those whose rows began or
-- ceased to wait for a row of another delivery.
with keys as (
    select
        frozen.entity,
        frozen.key
    from {{ source('audit', 'build_key') }} as frozen
    where {{ of_this_build('frozen') }}
),

queued as (
    select
        split_part(key, '|', 1) as feed_code,
        split_part(key, '|', 2) as org_code,
        split_part(key, '|', 3)::date as business_date
    from keys
    where entity = 'slice'
),

due as (
    select
        due.feed_code,
        due.org_code,
        due.business_date
    from keys
    inner join {{ source('ref', 'due') }} as due
        -- The planner may cast before it filters: other keys are no dates.
        on case keys.entity when 'day' then keys.key::date end = due.business_date
),

waiting as (
    select
        feed_code,
        sender_org as org_code,
        business_date
    from {{ touched('fct_unused_row') }} as unused
    where fate = 'waiting'
    union
    select
        feed_code,
        sender_org,
        business_date
    from {{ touched('fct_unused_case_row') }} as unused
    where fate = 'waiting'
),

int_affected__slices as (
    select * from queued
    union
    select * from due
    union
    select * from waiting
)

select * from int_affected__slices
