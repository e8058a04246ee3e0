with int_affected__enterprises as (
    select applicant_code as ent_code
    from {{ touched('fct_inspection_lot') }} as lots
    {% for mart in ['fct_ent_class', 'fct_ent_honor', 'fct_wood_integrity', 'fct_activity_attendee'] -%}
    union
    select ent_code
    from {{ touched(mart) }} as it
    where ent_code is not null
    {% endfor %}
)

select * from int_affected__enterprises
