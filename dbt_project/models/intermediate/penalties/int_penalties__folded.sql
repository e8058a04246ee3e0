-- The state of a penalty case and what it amounts to, folded from its events by event_seq (decisions 5, Q7).
with events as (
    {{ events_to_fold(ref('int_penalty_events__current')) }}
),

turns as (
    select
        *,
        -- The last event that undid a decision; what is decided after it counts.
        max(event_seq) filter (where event_type in ('WITHDRAWN', 'TRANSFERRED', 'REVOKED'))
            over (partition by case_no) as undone_seq,
        max(event_seq) filter (where event_type = 'TRANSFERRED') over (partition by case_no) as transferred_seq
    from events
),

decided as (
    select
        *,
        min(event_seq) filter (where event_type = 'DECIDED' and event_seq > coalesce(undone_seq, 0))
            over (partition by case_no) as decided_seq
    from turns
),

folded as (
    select
        case_no,
        bool_and(is_void) as is_void,
        count(*)::int as events,
        {{ first_said('org_code') }} as office,
        {{ first_said('event_on') }} as first_event_on,
        {{ last_said('event_on') }} as last_event_on,
        {{ last_said('event_type') }} as state,
        {{ last_said('procedure') }} as procedure,
        {{ last_said('party_type') }} as party_type,
        {{ last_said('party_code') }} as party_code,
        {{ last_said('party_name') }} as party_name,
        {{ last_said('cause_code') }} as cause_code,
        {{ last_said('law_article') }} as law_article,
        {{ last_said('decision_no') }} as decision_no,
        {{ last_said('campaign_code') }} as campaign_code,
        {{ last_said('decl_no') }} as decl_no,
        {{ last_said('related_case_no') }} as related_case_no,
        {{ first_day_of('FILED') }} as filed_date,
        max(event_on) filter (where event_seq = decided_seq) as decided_date,
        case
            when
                {{ last_seq_of("event_type not in ('EXECUTED', 'SERVED')") }}
                = {{ last_seq_of("event_type = 'CLOSED'") }}
                then (array_agg(event_on order by event_seq desc) filter (where event_type = 'CLOSED'))[1]
        end as closed_date,
        -- Handed over, and not decided here after all: the case that took it over counts, whatever else came later.
        max(transferred_seq) is not null and max(decided_seq) is null as is_transferred,
        {% for sum in ['fine_cny', 'confiscation_cny'] -%}
        (
            array_agg({{ sum }} order by event_seq desc) filter (
                where {{ sum }} is not null
                and (event_seq = decided_seq or (event_type = 'AMENDED' and event_seq > decided_seq))
            )
        )[1] as {{ sum }},
        {% endfor -%}
        sum(paid_cny) as paid_cny,
        {{ lineage_of_last_event() }}
    from decided
    group by case_no
),

int_penalties__folded as (
    select
        *,
        {{ branch_above('folded.office', 'folded.first_event_on') }} as org_id
    from folded
)

select * from int_penalties__folded
