-- Organisations in periods, the days that are due, and what published lookups need of the marts.

-- One row per organisation and period: valid_from <= day < valid_to. Filled from org.csv; a line of it becomes several
-- periods where an organisation above it changes meanwhile.
alter table ref.org drop constraint org_parent_code_fkey;
alter table ref.org drop constraint org_pkey;
alter table ref.org add primary key (org_code, valid_from);
alter table ref.org add check (valid_to > valid_from);
alter table ref.org add column path text not null default '';       -- codes from the top down, joined by /
alter table ref.org add column hq_code text not null default 'NONE';
alter table ref.org alter column path drop default;
alter table ref.org alter column hq_code drop default;

-- The same without gaps: what an organisation was before its first day and after its last is told by the nearest period,
-- flagged. So a code and a day have exactly one row.
create view ref.org_period as
with told as (
    select
        o.*,
        row_number() over (partition by o.org_code order by o.valid_from) as period_no,
        row_number() over (partition by o.org_code order by o.valid_from desc) as period_no_from_last
    from ref.org o
)
select
    org_code, valid_from, coalesce(valid_to, date '9999-12-31') as valid_to, true as is_active,
    valid_to is null as is_current, parent_code, level, branch_code, hq_code, path, name_zh, name_en, seat_zh, is_due
from told
union all
select
    org_code, date '0001-01-01', valid_from, false, false, parent_code, level, branch_code, hq_code, path,
    name_zh, name_en, seat_zh, false
from told where period_no = 1
union all
select
    org_code, valid_to, date '9999-12-31', false, false, parent_code, level, branch_code, hq_code, path,
    name_zh, name_en, seat_zh, false
from told where period_no_from_last = 1 and valid_to is not null;

-- CIQ_FIRST_DAY..CIQ_LAST_DAY as `ciq init` found them; null: open.
create table ref.due_days (
    only_row boolean primary key default true check (only_row),
    first_day date,
    last_day date,
    check (first_day <= last_day)
);
insert into ref.due_days default values;

-- What is due: a feed from an organisation for a business date.
create view ref.due as
select f.feed_code, o.org_code, c.day as business_date
from ref.calendar c
join ref.feed f on f.calendar = 'workday' and c.day >= f.effective_from
join ref.org o on o.is_due and c.day >= o.valid_from and (o.valid_to is null or c.day < o.valid_to)
join ref.due_days b on (b.first_day is null or c.day >= b.first_day) and (b.last_day is null or c.day <= b.last_day)
where c.is_workday;

-- Marts that stand already, on a warehouse of before: no column of a grain is null; indexes over the next state only are
-- of no use to the published views, so deploying makes them anew over all rows.
do $$
declare
    found record;
begin
    for found in
        select format('alter table %s alter column %I set not null', i.indrelid::regclass, a.attname) as statement
        from pg_index i
        join pg_class x on x.oid = i.indexrelid and x.relname like '%\_grain'
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
        where x.relnamespace = to_regnamespace('marts')
        union all
        select format('drop index %s', i.indexrelid::regclass)
        from pg_index i
        join pg_class x on x.oid = i.indexrelid and x.relname not like '%\_known\_%'
        where x.relnamespace = to_regnamespace('marts') and not i.indisunique
            and pg_get_expr(i.indpred, i.indrelid) = '(known_to_no IS NULL)'
    loop
        execute found.statement;
    end loop;
end $$;
alter table if exists marts.dim_org
    add column path text, add column is_active boolean, add column is_current boolean;
