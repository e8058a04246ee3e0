{{ config(indexes=[{'columns': ['rule_id', 'key'], 'unique': true}]) }}

-- Numbers whose gap before them may change: those that this build opened, closed or was asked for, and the next one
-- after each.
with
{% for rule, entity, mart, column, condition, prefix, queued in numberings() %}
{{ rule[:3] | lower }} as (
    select {{ column }} as key
    from {{ touched(mart) }} as it
    where {{ condition }}
    union
    select queued.{{ column }}
    from {{ ref(queued) }} as queued
    inner join {{ next_state(mart) }} as it on queued.{{ column }} = it.{{ column }}
    where {{ condition }}
),

{% endfor -%}
int_affected__serials as (
    {% for rule, entity, mart, column, condition, prefix, queued in numberings() -%}
    select
        '{{ rule }}' as rule_id,
        '{{ entity }}' as entity,
        key
    from {{ rule[:3] | lower }}
    union
    select
        '{{ rule }}' as rule_id,
        '{{ entity }}' as entity,
        next.after as key
    from {{ rule[:3] | lower }} as touched
    cross join lateral (
        {{ neighbour(mart, column, 'touched.key', prefix, 'after') }}
    ) as next
    where next.after is not null
    {{ 'union' if not loop.last }}
    {% endfor %}
)

select * from int_affected__serials
