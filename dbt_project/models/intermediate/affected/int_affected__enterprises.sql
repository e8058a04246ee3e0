with int_affected__enterprises as (
    select distinct applicant_code as ent_code
    from {{ touched('fct_inspection_lot') }} as lots
)

select * from int_affected__enterprises
