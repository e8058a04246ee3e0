-- A matter bears the number of one of its cases, or of a root that is not there: each such number is among these.
with int_affected__matters as (
    select case_no as matter_no
    from {{ ref('int_affected__dispute_cases') }}
)

select * from int_affected__matters
