{{ config(indexes=[{'columns': ['interception_no'], 'unique': true}]) }}

with int_affected__interceptions as (
    select key as interception_no
    from {{ ref('int_affected__records') }}
    where entity = 'interception'
)

select * from int_affected__interceptions
