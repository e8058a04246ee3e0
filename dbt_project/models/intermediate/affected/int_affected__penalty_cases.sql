{{ config(indexes=[{'columns': ['case_no'], 'unique': true}]) }}

with int_affected__penalty_cases as (
    select keys.key as case_no
    from {{ source('audit', 'build_key') }} as keys
    where {{ of_this_build('keys') }} and keys.entity = 'penalty_case'
)

select * from int_affected__penalty_cases
