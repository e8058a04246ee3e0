{{ config(indexes=[{'columns': ['date_day'], 'unique': true}]) }}

with dim_date as (
    select
        calendar.day as date_day,
        extract(year from calendar.day)::smallint as year_no,
        extract(quarter from calendar.day)::smallint as quarter_no,
        extract(month from calendar.day)::smallint as month_no,
        extract(day from calendar.day)::smallint as day_of_month,
        extract(isodow from calendar.day)::smallint as iso_weekday,
        to_char(calendar.day, 'YYYY-MM') as year_month,
        calendar.is_workday,
        calendar.is_in_lieu,
        calendar.holiday_name,
        -- Position among the workdays of its year; a day off bears the number of the workday before it.
        count(*) filter (where calendar.is_workday) over (
            partition by extract(year from calendar.day) order by calendar.day
        )::smallint as workday_of_year
    from {{ source('ref', 'calendar') }} as calendar
)

select * from dim_date
