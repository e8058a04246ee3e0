-- Enterprises that may stand under two registration numbers: those that this build touched, and those of the same
-- organisation code, before or after.
with touched as (
    select
        ent_code,
        org_inst_code
    from {{ touched('fct_ent_class') }} as it
),

int_affected__ent_class_links as (
    select ent_code from touched
    union
    select others.ent_code
    from touched
    inner join {{ next_state('fct_ent_class') }} as others on touched.org_inst_code = others.org_inst_code
)

select * from int_affected__ent_class_links
