{{ config(indexes=[{'columns': ['entity', 'key'], 'unique': true}]) }}

-- Records that stand by themselves, of whatever record type.
{%- set entities = record_types() | map(attribute='entity') | list %}
with int_affected__records as (
    select
        keys.entity,
        keys.key
    from {{ source('audit', 'build_key') }} as keys
    where
        {{ of_this_build('keys') }}
        and keys.entity in ('{{ entities | join("', '") }}')
)

select * from int_affected__records
