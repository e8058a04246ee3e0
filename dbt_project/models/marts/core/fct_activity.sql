{{
    config(
        unique_key=['activity_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__activities',
            'affected_columns': ['activity_no'],
            'indexes': [['activity_no'], ['joint_no'], ['act_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with activities as (
    select * from {{ ref('int_activities__current') }}
),

-- A joint event counts in the return of the organiser with the lowest code, whoever sent first.
ordered as (
    select
        *,
        dense_rank() over (partition by joint_no, is_deleted order by org_code) as organiser_no
    from activities
),

judged as (
    select
        *,
        not is_deleted and (joint_no is null or organiser_no = 1) as is_counted
    from ordered
),

fct_activity as (
    select
        judged.activity_no,
        judged.act_code,
        judged.act_date,
        judged.seq,
        judged.title,
        judged.place,
        judged.partner_org,
        judged.joint_no,
        judged.list_complete,
        judged.org_code,
        {{ branch_above('judged.org_code', 'judged.act_date') }} as org_id,
        judged.sender_org,
        judged.row_business_date as business_date,
        judged.version_no,
        judged.is_deleted as is_void,
        judged.is_counted,
        judged.is_counted::int as activities,
        {% for count in ['session_cnt', 'enterprise_cnt', 'person_cnt', 'expert_cnt'] -%}
        case when judged.is_counted or judged.{{ count }} is null then judged.{{ count }} else 0 end as {{ count }},
        {% endfor -%}
        judged.slice_version_id,
        judged.delivery_id,
        judged.line_no,
        judged.void_slice_version_id,
        judged.void_delivery_id,
        judged.void_line_no
    from judged
)

{{ versioned('fct_activity') }}
