-- Month ends that have come: up to the last business date of which anything is known. By what all readers see, so that
-- a branch reader is told of the same month ends.
with known as (
    select max(business_date) as last_day from {{ as_of('fct_day_status') }} as days
),

month_ends as (
    select dates.date_day as snapshot_date
    from {{ ref('dim_date') }} as dates
    cross join known
    where dates.date_day = {{ month_end('dates.date_day') }} and dates.date_day <= known.last_day
)

select
    month_ends.snapshot_date,
    classes.ent_code,
    min(classes.class_code) as class_code,
    (array_agg(classes.org_id order by classes.class_code, classes.valid_from, classes.product_group))[1] as org_id,
    count(*)::int as product_groups,
    1 as enterprises
from month_ends
inner join {{ as_of('dim_enterprise_class') }} as classes
    on month_ends.snapshot_date >= classes.valid_from
    and month_ends.snapshot_date < classes.valid_to
group by month_ends.snapshot_date, classes.ent_code
