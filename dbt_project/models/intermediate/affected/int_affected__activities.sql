{{ config(indexes=[{'columns': ['activity_no'], 'unique': true}]) }}

-- Activities that this build rebuilds, and all that a joint event, named now or before, ties to them: which of the
-- returns of a joint event counts depends on all of them.
with recursive named as (
    select distinct
        activity_no,
        joint_no
    from {{ ref('stg_f16_activity_return__activities') }}
    where joint_no is not null
),

reached as (
    select key as activity_no
    from {{ ref('int_affected__records') }}
    where entity = 'activity'
    union
    select others.activity_no
    from reached
    inner join named on reached.activity_no = named.activity_no
    inner join named as others on named.joint_no = others.joint_no
),

int_affected__activities as (
    select activity_no from reached
)

select * from int_affected__activities
