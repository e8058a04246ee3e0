-- Rules of scope build on what a record of the monthly returns F16 and F17 says against others.
{%- set counts = ['session_cnt', 'enterprise_cnt', 'person_cnt', 'expert_cnt'] -%}
{#- Few records say nothing of a year, and neither do small counts. -#}
{%- set enough_months = 3 -%}
{%- set least_count = 10 -%}
{%- set lineage -%}
    facts.version_no,
        facts.sender_org,
        facts.business_date as row_business_date,
        facts.slice_version_id,
        facts.delivery_id,
        facts.line_no
{%- endset %}
with activities as (
    select
        facts.activity_no,
        facts.org_code,
        facts.act_code,
        facts.act_date,
        facts.title,
        facts.joint_no,
        facts.list_complete,
        facts.is_counted,
        {% for count in counts -%}
        facts.{{ count }},
        {% endfor -%}
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_activity') }} as facts on affected.key = facts.activity_no
    where affected.entity = 'activity' and not facts.is_void
),

products as (
    select
        facts.activity_no,
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_activity_product') }} as facts on affected.key = facts.activity_no
    where affected.entity = 'activity_product' and not facts.is_void
),

attendees as (
    select
        facts.activity_no,
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_activity_attendee') }} as facts on affected.key = facts.activity_no
    where affected.entity = 'activity_attendee' and not facts.is_void
),

actions as (
    select
        facts.action_no,
        facts.person,
        facts.hr_action,
        facts.action_date,
        facts.direction,
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_hr_action') }} as facts on affected.key = facts.action_no
    where affected.entity = 'hr_action' and not facts.is_void
),

known_activities as not materialized (
    select * from {{ next_state('fct_activity') }} as it
    where not it.is_void
),

counted as (
    select
        activities.activity_no,
        min(known_activities.org_code) as other_org
    from activities
    inner join known_activities on activities.joint_no = known_activities.joint_no
    where known_activities.is_counted
    group by activities.activity_no
),

alike as (
    select
        activities.activity_no,
        min(known_activities.org_code) as other_org
    from activities
    inner join known_activities
        on activities.act_code = known_activities.act_code
        and activities.act_date = known_activities.act_date
        and activities.title = known_activities.title
        and activities.org_code <> known_activities.org_code
        and not coalesce(activities.joint_no = known_activities.joint_no, false)
    group by activities.activity_no
),

others as (
    select
        activities.activity_no,
        count(distinct date_trunc('month', known_activities.act_date)) as months,
        {% for count in counts -%}
        sum(known_activities.{{ count }}) as {{ count }}{{ ',' if not loop.last }}
        {% endfor %}
    from activities
    inner join known_activities
        on activities.org_code = known_activities.org_code
        and activities.act_code = known_activities.act_code
        and extract(year from activities.act_date) = extract(year from known_activities.act_date)
        and date_trunc('month', activities.act_date) <> date_trunc('month', known_activities.act_date)
    group by activities.activity_no
),

listed as (
    select
        activities.activity_no,
        count(known.attendee_no) filter (where known.attendee_type <> 'EXPERT') as persons,
        count(known.attendee_no) filter (where known.attendee_type = 'EXPERT') as experts
    from activities
    left join {{ next_state('fct_activity_attendee') }} as known
        on activities.activity_no = known.activity_no
        and not known.is_void
    where activities.list_complete = '1'
    group by activities.activity_no
),

repeated as (
    select
        actions.action_no,
        min(known.action_no) as other_no
    from actions
    inner join {{ next_state('fct_hr_action') }} as known
        on actions.person = known.person
        and actions.hr_action = known.hr_action
        and actions.action_date = known.action_date
        and actions.direction is not distinct from known.direction
        and actions.action_no <> known.action_no
    where not known.is_void
    group by actions.action_no
),

int_findings__monthly as (
    {{ finding_on(
        'activity', 'activity_no', 'F16-joint-repeated',
        'activities as concerned inner join counted on concerned.activity_no = counted.activity_no',
        'not concerned.is_counted', "'counted in the return of ' || counted.other_org",
        "'also told under ' || concerned.joint_no",
    ) }}
    union all
    {{ finding_on(
        'activity', 'activity_no', 'F16-joint-suspected',
        'activities as concerned inner join alike on concerned.activity_no = alike.activity_no', 'true',
        "'one joint_no, or another name'", "concerned.title || ' also in the return of ' || alike.other_org",
    ) }}
    {%- for count in counts %}
    union all
    {{ finding_on(
        'activity', 'activity_no', 'F16-count-annual',
        'activities as concerned inner join others on concerned.activity_no = others.activity_no',
        'others.months >= ' ~ enough_months ~ ' and others.' ~ count ~ ' >= ' ~ least_count
        ~ ' and concerned.' ~ count ~ ' >= others.' ~ count,
        "'" ~ count ~ " of one month, less than ' || others." ~ count, 'concerned.' ~ count, loop.index0,
    ) }}
    {%- endfor %}
    union all
    {{ finding_on(
        'activity', 'activity_no', 'F16-act_date-month', 'activities as concerned',
        "concerned.version_no = 1 and date_trunc('month', concerned.act_date) <> "
        ~ "date_trunc('month', concerned.row_business_date)",
        "'an activity of ' || to_char(concerned.row_business_date, 'YYYY-MM')", 'concerned.act_date',
    ) }}
    union all
    {{ finding_on(
        'activity', 'activity_no', 'F16-list-differs',
        'activities as concerned inner join listed on concerned.activity_no = listed.activity_no',
        'concerned.is_counted'
        ~ ' and (concerned.person_cnt <> listed.persons or concerned.expert_cnt <> listed.experts)',
        "concat(listed.persons, ' persons and ', listed.experts, ' experts listed')",
        "concat_ws(' ', concerned.person_cnt, 'persons,', concerned.expert_cnt, 'experts told')",
    ) }}
    {%- for entity, rows, rule in [
        ('activity_product', 'products', 'F16-product-activity-missing'),
        ('activity_attendee', 'attendees', 'F16-attendee-activity-missing'),
    ] %}
    union all
    {{ finding_on(
        entity, 'activity_no', rule,
        rows ~ ' as concerned left join known_activities on concerned.activity_no = known_activities.activity_no',
        'known_activities.activity_no is null', "'activity ' || concerned.activity_no", "'none'",
    ) }}
    {%- endfor %}
    union all
    {{ finding_on(
        'hr_action', 'action_no', 'F17-action-repeated',
        'actions as concerned inner join repeated on concerned.action_no = repeated.action_no', 'true',
        "'one number for an action of a person'", "'also under ' || repeated.other_no",
    ) }}
)

select * from int_findings__monthly
