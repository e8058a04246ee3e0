{{ config(indexes=[{'columns': ['case_no', 'month_end'], 'unique': true}]) }}

-- Snapshots of a case at a month end that may change: those of an affected case since its first event, as told before
-- or now, and those of every case at a month end that was closed, or whose being due changed. Whether the month end has
-- snapshots at all is the fact's to say.
with month_ends as (
    select business_date as month_end
    from {{ source('audit', 'closed_day') }}
    where business_date = {{ month_end('business_date') }}
),

queued as (
    select month_ends.month_end
    from {{ source('audit', 'build_key') }} as keys
    inner join month_ends
        -- The planner may cast before it filters: other keys are no dates.
        on case keys.entity when 'day' then keys.key::date end = month_ends.month_end
    where {{ of_this_build('keys') }}
),

begun as (
    select
        affected.case_no,
        min(milestones.milestone_date) as first_event_on
    from {{ ref('int_affected__cases') }} as affected
    inner join {{ ref('fct_case_milestone') }} as milestones on affected.case_no = milestones.case_no
    where milestones.known_to_no is null or milestones.known_to_no = {{ next_no() }}
    group by affected.case_no
),

int_affected__case_month_ends as (
    select
        begun.case_no,
        month_ends.month_end
    from begun
    inner join month_ends on begun.first_event_on <= month_ends.month_end
    union
    select
        milestones.case_no,
        queued.month_end
    from queued
    inner join {{ next_state('fct_case_milestone') }} as milestones on queued.month_end >= milestones.milestone_date
)

select * from int_affected__case_month_ends
