-- Feeds that are due once a week: on the last workday of the ISO week, a make-up Saturday or Sunday included.
create or replace view ref.due as
select f.feed_code, o.org_code, c.day as business_date
from (
    select day, is_workday,
        day = max(day) filter (where is_workday) over (partition by date_trunc('week', day)) as ends_week
    from ref.calendar
) c
join ref.feed f on c.day >= f.effective_from
    and (
        f.calendar = 'workday' and c.is_workday
        or f.calendar = 'weekly' and c.ends_week
        or f.calendar = 'monthly' and c.day = (date_trunc('month', c.day) + interval '1 month - 1 day')::date
    )
join ref.org o on o.is_due and c.day >= o.valid_from and (o.valid_to is null or c.day < o.valid_to)
join ref.due_days b on (b.first_day is null or c.day >= b.first_day) and (b.last_day is null or c.day <= b.last_day);
