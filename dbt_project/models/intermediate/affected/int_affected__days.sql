-- Groups of the consolidated facts that may change: those of lots and lines that this build closed or opened.
with touched as (
    select
        stat_date,
        org_id,
        office
    from {{ touched('fct_inspection_lot') }} as lots
    union
    select
        stat_date,
        org_id,
        office
    from {{ touched('fct_goods_line') }} as lines
),

int_affected__days as (
    select
        stat_date,
        org_id,
        office
    from touched
    where stat_date is not null
)

select * from int_affected__days
