with int_affected__hs_codes as (
    select distinct hs_code
    from {{ touched('fct_goods_line') }} as lines
)

select * from int_affected__hs_codes
