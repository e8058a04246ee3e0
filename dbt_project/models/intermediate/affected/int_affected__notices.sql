{{ config(indexes=[{'columns': ['notice_no'], 'unique': true}]) }}

with int_affected__notices as (
    select keys.key as notice_no
    from {{ source('audit', 'build_key') }} as keys
    where {{ of_this_build('keys') }} and keys.entity = 'notice'
)

select * from int_affected__notices
