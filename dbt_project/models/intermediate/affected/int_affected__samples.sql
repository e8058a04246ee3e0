{{ config(indexes=[{'columns': ['sample_no'], 'unique': true}]) }}

with int_affected__samples as (
    select key as sample_no
    from {{ ref('int_affected__records') }}
    where entity = 'sample'
)

select * from int_affected__samples
