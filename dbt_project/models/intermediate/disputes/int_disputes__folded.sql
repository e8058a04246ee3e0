-- One matter of the cases under which it was recorded. The lead says what the matter is about and whose it is: the
-- root, or where that is not there, or void, the case that begins first.
with cases as (
    select
        folded.*,
        matters.matter_no,
        bool_and(folded.is_void) over (partition by matters.matter_no) as is_void_matter
    from {{ ref('int_dispute_cases__folded') }} as folded
    inner join {{ ref('int_dispute_cases__matters') }} as matters on folded.case_no = matters.case_no
),

-- Cases that were taken back say nothing beside others.
telling as (
    select
        *,
        row_number() over (
            partition by matter_no
            order by case_no <> matter_no, first_event_time, case_no
        ) as lead_no,
        row_number() over (partition by matter_no order by last_event_time desc, case_no desc) as last_no
    from cases
    where is_void_matter or not is_void
),

summed as (
    select
        matter_no,
        count(*)::int as cases,
        sum(events)::int as events,
        min(accepted_date) as accepted_date,
        min(filed_date) as filed_date,
        max(closed_date) as last_closed_date,
        max(closed_date) is not null and not bool_or(is_open) as is_closed,
        bool_or(is_open) as is_open,
        max(state) filter (where last_no = 1) as state
    from telling
    group by matter_no
),

int_disputes__folded as (
    select
        summed.matter_no,
        leads.case_kind,
        leads.org_id,
        leads.office,
        leads.first_event_on,
        leads.channel,
        leads.target_type,
        leads.anonymous_flag,
        leads.subject,
        leads.assigned_org,
        leads.due_date,
        leads.authority,
        leads.outcome,
        leads.related_case_no,
        summed.state,
        summed.is_closed,
        summed.is_open,
        leads.is_void_matter as is_void,
        summed.accepted_date,
        summed.filed_date,
        case when summed.is_closed then summed.last_closed_date end as closed_date,
        summed.cases,
        summed.events,
        lasts.sender_org,
        lasts.business_date,
        lasts.slice_version_id,
        lasts.delivery_id,
        lasts.line_no
    from summed
    inner join telling as leads on summed.matter_no = leads.matter_no and leads.lead_no = 1
    inner join telling as lasts on summed.matter_no = lasts.matter_no and lasts.last_no = 1
)

select * from int_disputes__folded
