-- Rules of scope build on the events of a case, in the order of event_seq. Cases that were taken back whole have no
-- findings but on the versions of their events.
{%- set feeds = [
    ('F10', 'penalty_case', 'filed-missing', 'FILED'),
    ('F11', 'dispute_case', 'received-missing', 'RECEIVED'),
    ('F12', 'dispute_case', 'filed-missing', 'FILED'),
] -%}
{%- set columns -%}
    case_no,
        event_seq,
        event_type,
        event_time,
        is_deleted,
        version_no,
        sender_org,
        row_business_date,
        slice_version_id,
        delivery_id,
        line_no
{%- endset %}
with told as (
    select
        'F10' as feed_code,
        {{ columns }}
    from {{ ref('int_penalty_events__current') }}
    union all
    select
        feed_code,
        {{ columns }}
    from {{ ref('int_dispute_events__current') }}
),

-- An event that was taken back leaves no gap in the numbers.
numbered as (
    select
        *,
        bool_and(is_deleted) over (partition by case_no) as is_void,
        coalesce(lag(event_seq) over (partition by case_no order by event_seq), 0) + 1 as next_seq
    from told
),

events as (
    select
        *,
        lag(event_time) over case_order as time_before,
        coalesce(lag(event_type) over case_order, '') as state_before,
        lag(event_seq) over case_order is null as is_first,
        lead(event_seq) over case_order is null as is_last,
        bool_or(event_type = case feed_code when 'F11' then 'RECEIVED' else 'FILED' end) over (partition by case_no)
            as has_beginning
    from numbered
    where not is_deleted
    window case_order as (partition by case_no order by event_seq)
),

allowed (feed_code, state, event_types) as (
    values
    {% for feed, state, event_types in case_transitions() -%}
    ('{{ feed }}', '{{ state }}', '{{ event_types }}'){{ ',' if not loop.last }}
    {% endfor %}
),

ordered as (
    select
        events.*,
        coalesce(allowed.event_types, '') as allowed_types
    from events
    left join allowed
        on events.feed_code = allowed.feed_code
        and events.state_before = allowed.state
),

penalties as (
    select
        case_no,
        coalesce(paid_cny, 0) as paid_cny,
        coalesce(fine_cny, 0) + coalesce(confiscation_cny, 0) as demanded_cny
    from {{ ref('int_penalties__folded') }}
),

disputes as (
    select
        cases.*,
        roots.case_no is not null as is_root_there
    from {{ ref('int_dispute_cases__folded') }} as cases
    left join {{ ref('int_dispute_cases__folded') }} as roots on cases.root_case_no = roots.case_no
),

-- Whether a complaint was accepted, as its last answer says.
answered as (
    select
        case_no,
        bool_or(event_type = 'ACCEPTED') as was_accepted,
        (array_agg(event_type order by event_seq desc))[1] as last_answer
    from events
    where feed_code = 'F11' and event_type in ('ACCEPTED', 'REJECTED')
    group by case_no
),

int_findings__cases as (
    {% for feed, entity, missing, beginning in feeds -%}
    {{ finding_on(
        entity, 'case_no', feed ~ '-event_seq-gap', 'numbered as concerned',
        "concerned.feed_code = '" ~ feed ~ "' and not concerned.is_void and concerned.event_seq > concerned.next_seq",
        'concerned.next_seq', 'concerned.event_seq', 'concerned.event_seq',
    ) }}
    union all
    {{ finding_on(
        entity, 'case_no', feed ~ '-time-order', 'events as concerned',
        "concerned.feed_code = '" ~ feed ~ "' and concerned.event_time < concerned.time_before",
        "'not before ' || concerned.time_before", 'concerned.event_time', 'concerned.event_seq',
    ) }}
    union all
    {{ finding_on(
        entity, 'case_no', feed ~ '-state-order', 'ordered as concerned',
        "concerned.feed_code = '" ~ feed ~ "'"
        ~ " and concerned.event_type <> all(string_to_array(concerned.allowed_types, ' '))",
        "case concerned.allowed_types when '' then 'nothing' else concerned.allowed_types end"
        ~ " || coalesce(' after ' || nullif(concerned.state_before, ''), ' as the first event')",
        'concerned.event_type', 'concerned.event_seq',
    ) }}
    union all
    {{ finding_on(
        entity, 'case_no', feed ~ '-' ~ missing, 'events as concerned',
        "concerned.feed_code = '" ~ feed ~ "' and concerned.is_first and not concerned.has_beginning",
        "'an event " ~ beginning ~ "'", "'none'",
    ) }}
    union all
    {% endfor -%}
    {{ finding_on(
        'penalty_case', 'case_no', 'F10-paid-exceeds',
        'events as concerned inner join penalties on concerned.case_no = penalties.case_no',
        'concerned.is_last and penalties.paid_cny > penalties.demanded_cny',
        "'at most ' || penalties.demanded_cny", 'penalties.paid_cny',
    ) }}
    union all
    {{ finding_on(
        'dispute_case', 'case_no', 'F11-accept_flag-differs',
        'events as concerned inner join disputes on concerned.case_no = disputes.case_no'
        ~ ' left join answered on concerned.case_no = answered.case_no',
        "concerned.is_last and ("
        ~ "disputes.accept_flag = '1' and answered.was_accepted is not true"
        ~ " or disputes.accept_flag = '0' and answered.last_answer = 'ACCEPTED')",
        "case disputes.accept_flag when '1' then 'an event ACCEPTED' else 'accept_flag 1' end",
        "'accept_flag ' || disputes.accept_flag || ', ' || coalesce(answered.last_answer, 'no answer')",
    ) }}
    union all
    {{ finding_on(
        'dispute_case', 'case_no', 'F11-consultation-accepted',
        'events as concerned inner join disputes on concerned.case_no = disputes.case_no',
        "concerned.event_type = 'ACCEPTED' and disputes.case_kind = 'CONSULTATION'",
        "'a consultation is answered, not accepted'", 'concerned.event_type', 'concerned.event_seq',
    ) }}
    union all
    {{ finding_on(
        'dispute_case', 'case_no', 'F11-due-exceeded',
        'events as concerned inner join disputes on concerned.case_no = disputes.case_no',
        'concerned.is_last and disputes.closed_date > disputes.due_date', 'disputes.due_date', 'disputes.closed_date',
    ) }}
    union all
    {{ finding_on(
        'dispute_case', 'case_no', 'F11-root-missing',
        'events as concerned inner join disputes on concerned.case_no = disputes.case_no',
        'concerned.is_last and disputes.root_case_no is not null and not disputes.is_root_there',
        "'events of case ' || disputes.root_case_no", "'none'",
    ) }}
)

select * from int_findings__cases
