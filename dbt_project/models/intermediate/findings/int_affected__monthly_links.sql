{{ config(indexes=[{'columns': ['entity', 'key'], 'unique': true}]) }}

-- Records of the monthly returns whose findings against others may change: those that this build opened or closed, and
-- those that they are compared with.
with activities as (
    select
        activity_no,
        org_code,
        act_code,
        act_date,
        joint_no
    from {{ touched('fct_activity') }} as it
),

standing as not materialized (
    select * from {{ next_state('fct_activity') }} as it
),

details as (
    select activity_no from {{ touched('fct_activity_product') }} as products
    union
    select activity_no from {{ touched('fct_activity_attendee') }} as attendees
    union
    select activity_no from activities
),

actions as (
    select
        action_no,
        person,
        hr_action,
        action_date
    from {{ touched('fct_hr_action') }} as it
),

int_affected__monthly_links as (
    {% for entity in ['activity', 'activity_product', 'activity_attendee'] -%}
    select
        '{{ entity }}' as entity,
        activity_no as key
    from details
    union
    {% endfor -%}
    select
        'activity' as entity,
        others.activity_no
    from activities
    inner join standing as others
        on activities.org_code = others.org_code
        and activities.act_code = others.act_code
        and extract(year from activities.act_date) = extract(year from others.act_date)
    union
    select
        'activity' as entity,
        others.activity_no
    from activities
    inner join standing as others
        on activities.act_code = others.act_code
        and activities.act_date = others.act_date
    union
    select
        'activity' as entity,
        others.activity_no
    from activities
    inner join standing as others on activities.joint_no = others.joint_no
    union
    select
        'hr_action' as entity,
        action_no
    from actions
    union
    select
        'hr_action' as entity,
        others.action_no
    from actions
    inner join {{ next_state('fct_hr_action') }} as others
        on actions.person = others.person
        and actions.hr_action = others.hr_action
        and actions.action_date = others.action_date
    {% for one in told_twice() -%}
    union
    select
        '{{ one.entity }}' as entity,
        {{ one.key }}
    from {{ touched(one.mart) }} as it
    union
    select
        '{{ one.entity }}' as entity,
        others.{{ one.key }}
    from {{ touched(one.mart) }} as it
    inner join {{ next_state(one.mart) }} as others on {{ is_told_twice(one, 'it', 'others') }}
    {% endfor -%}
)

select * from int_affected__monthly_links
