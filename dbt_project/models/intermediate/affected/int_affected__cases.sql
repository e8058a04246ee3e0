{{ config(indexes=[{'columns': ['case_no'], 'unique': true}]) }}

with int_affected__cases as (
    select case_no from {{ ref('int_affected__penalty_cases') }}
    union
    select case_no from {{ ref('int_affected__dispute_cases') }}
)

select * from int_affected__cases
