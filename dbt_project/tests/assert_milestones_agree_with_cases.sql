-- If this goes, a case is counted that no event tells of, or an event belongs to no case.
with milestones as (
    select
        case_no,
        matter_no,
        case_kind,
        milestone
    from {{ next_state('fct_case_milestone') }} as it
),

affected as (
    select case_no as number from {{ ref('int_affected__cases') }}
),

told as (
    select
        affected.number,
        count(*) as events,
        count(distinct milestones.case_no) as cases,
        bool_or(milestones.milestone = 'FILED') as has_filed,
        bool_or(milestones.milestone = 'DECIDED') as has_decided,
        bool_or(milestones.milestone = 'ACCEPTED') as has_accepted
    from affected
    inner join milestones on affected.number = milestones.matter_no
    group by affected.number
),

counted as (
    select
        penalties.case_no as number,
        penalties.events,
        (not penalties.is_void)::int as cases,
        penalties.cases_filed = 1 as needs_filed,
        penalties.cases_decided = 1 as needs_decided,
        false as needs_accepted
    from affected
    inner join {{ next_state('fct_penalties') }} as penalties on affected.number = penalties.case_no
    union all
    select
        disputes.matter_no,
        disputes.events,
        disputes.cases,
        disputes.reconsiderations_filed + disputes.lawsuits_filed = 1,
        false,
        disputes.complaints_accepted + disputes.reports_accepted = 1
    from affected
    inner join {{ next_state('fct_disputes') }} as disputes on affected.number = disputes.matter_no
)

select
    coalesce(told.number, counted.number) as number,
    told.events as events_told,
    counted.events as events_counted,
    told.cases as cases_told,
    counted.cases as cases_counted
from told
full join counted on told.number = counted.number
where
    coalesce(told.events, 0) <> coalesce(counted.events, 0)
    or coalesce(told.cases, 0) <> coalesce(counted.cases, 0)
    or (counted.needs_filed and not coalesce(told.has_filed, false))
    or (counted.needs_decided and not coalesce(told.has_decided, false))
    or (counted.needs_accepted and not coalesce(told.has_accepted, false))
    or (told.number is not null and counted.number is null)
