{{ config(indexes=[{'columns': ['decl_no'], 'unique': true}]) }}

with int_affected__declarations as (
    select keys.key as decl_no
    from {{ source('audit', 'build_key') }} as keys
    where {{ of_this_build('keys') }} and keys.entity = 'declaration'
)

select * from int_affected__declarations
