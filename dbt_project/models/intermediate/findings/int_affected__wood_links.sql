-- Declarations whose wood packaging this build compares with their lot: those that it touched on either side.
with packages as (
    select decl_no from {{ touched('fct_wood_packaging') }} as it
),

lots as (
    select decl_no from {{ touched('fct_inspection_lot') }} as it
),

int_affected__wood_links as (
    select decl_no from packages
    union
    select lots.decl_no
    from lots
    inner join {{ next_state('fct_wood_packaging') }} as known on lots.decl_no = known.decl_no
)

select * from int_affected__wood_links
