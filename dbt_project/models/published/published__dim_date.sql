select
    it.date_day,
    it.year_no,
    it.quarter_no,
    it.month_no,
    it.day_of_month,
    it.iso_weekday,
    it.year_month,
    it.is_workday,
    it.is_in_lieu,
    it.holiday_name,
    it.workday_of_year
from {{ ref('dim_date') }} as it
