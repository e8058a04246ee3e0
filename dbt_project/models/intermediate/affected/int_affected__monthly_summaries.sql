{{ config(indexes=[{'columns': ['org_code'], 'unique': true}]) }}

with int_affected__monthly_summaries as (
    select keys.key as org_code
    from {{ source('audit', 'build_key') }} as keys
    where {{ of_this_build('keys') }} and keys.entity = 'monthly_summary'
)

select * from int_affected__monthly_summaries
