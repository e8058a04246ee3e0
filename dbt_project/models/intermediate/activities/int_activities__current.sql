{%- set columns = [
        'org_code',
        'act_code',
        'act_date',
        'seq',
        'title',
        'place',
        'session_cnt',
        'enterprise_cnt',
        'person_cnt',
        'expert_cnt',
        'partner_org',
        'joint_no',
        'list_complete',
    ] -%}

with int_activities__current as (
    {{ current_rows('stg_f16_activity_return__activities', 'int_activities__ranked', ['activity_no'], columns) }}
)

select * from int_activities__current
