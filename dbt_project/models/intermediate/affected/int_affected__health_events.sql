{{ config(indexes=[{'columns': ['event_no'], 'unique': true}]) }}

with int_affected__health_events as (
    select key as event_no
    from {{ ref('int_affected__records') }}
    where entity = 'health_event'
)

select * from int_affected__health_events
