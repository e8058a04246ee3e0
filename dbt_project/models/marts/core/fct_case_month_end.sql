{{
    config(
        unique_key=['case_no', 'month_end'],
        meta={
            'readers': 'province',
            'affected_by': 'int_affected__case_month_ends',
            'affected_columns': ['case_no', 'month_end'],
            'indexes': [['case_no'], ['matter_no'], ['month_end']],
        },
    )
}}

-- By valid time: the events up to the month end, whenever they were told.
with months as (
    select
        affected.case_no,
        affected.month_end
    from {{ ref('int_affected__case_month_ends') }} as affected
    inner join {{ closed_month_ends() }} as closed on affected.month_end = closed.month_end
),

happened as (
    select
        months.month_end,
        milestones.case_no,
        milestones.matter_no,
        milestones.case_kind,
        milestones.org_id,
        milestones.event_seq,
        milestones.milestone as event_type,
        milestones.milestone_date as event_on
    from months
    inner join {{ next_state('fct_case_milestone') }} as milestones
        on months.case_no = milestones.case_no
        and months.month_end >= milestones.milestone_date
),

states as (
    select
        case_no,
        month_end,
        matter_no,
        case_kind,
        org_id,
        {{ last_said('event_type') }} as state,
        case
            when case_kind in ('COMPLAINT', 'REPORT', 'CONSULTATION') then {{ first_day_of('ACCEPTED') }}
            else {{ first_day_of('FILED') }}
        end as begun_date,
        {{ is_open_again("case_kind = 'PENALTY'") }} as is_open_again
    from happened
    group by case_no, month_end, matter_no, case_kind, org_id
),

fct_case_month_end as (
    select
        case_no,
        month_end,
        matter_no,
        case_kind,
        org_id,
        state,
        begun_date,
        month_end - begun_date as days_open,
        1 as cases_open
    from states
    where begun_date is not null and is_open_again
)

{{ versioned('fct_case_month_end') }}
