-- Some dozens of rows: each build looks at all of them.
with int_affected__landbridge as (
    select
        list_id as member_kind,
        code as member_code
    from {{ source('ref', 'code') }}
    where list_id in ('province', 'port')
)

select * from int_affected__landbridge
