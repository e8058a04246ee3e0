-- The state of each recorded case, folded from its events by event_seq.
with events as (
    {{ events_to_fold(ref('int_dispute_events__current')) }}
),

folded as (
    select
        case_no,
        bool_and(is_void) as is_void,
        count(*)::int as events,
        {{ first_said('case_type') }} as case_kind,
        {{ first_said('org_code') }} as office,
        {{ first_said('event_on') }} as first_event_on,
        {{ first_said('event_time') }} as first_event_time,
        {{ last_said('event_time') }} as last_event_time,
        {{ last_said('event_on') }} as last_event_on,
        {{ last_said('event_type') }} as state,
        {% for column in [
            'channel', 'target_type', 'anonymous_flag', 'subject', 'assigned_org', 'due_date', 'accept_flag',
            'root_case_no', 'authority', 'outcome', 'related_case_no',
        ] -%}
        {{ last_said(column) }} as {{ column }},
        {% endfor -%}
        {{ first_day_of('ACCEPTED') }} as accepted_date,
        {{ first_day_of('FILED') }} as filed_date,
        case
            when {{ last_seq_of("event_type = 'CLOSED'") }} > {{ last_seq_of("event_type = 'REOPENED'") }}
                then (array_agg(event_on order by event_seq desc) filter (where event_type = 'CLOSED'))[1]
        end as closed_date,
        -- Complaints begin when they are accepted, reviews when they are filed.
        bool_or(event_type = case feed_code when 'F11' then 'ACCEPTED' else 'FILED' end)
        and {{ is_open_again('false') }} as is_open,
        {{ lineage_of_last_event() }}
    from events
    group by case_no
),

int_dispute_cases__folded as (
    select
        *,
        {{ branch_above('folded.office', 'folded.first_event_on') }} as org_id
    from folded
)

select * from int_dispute_cases__folded
