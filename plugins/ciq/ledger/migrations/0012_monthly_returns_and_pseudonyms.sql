-- Feeds that are due once a month, and pseudonyms of persons.

create or replace view ref.due as
select f.feed_code, o.org_code, c.day as business_date
from ref.calendar c
join ref.feed f on c.day >= f.effective_from
    and (
        f.calendar = 'workday' and c.is_workday
        or f.calendar = 'monthly' and c.day = (date_trunc('month', c.day) + interval '1 month - 1 day')::date
    )
join ref.org o on o.is_due and c.day >= o.valid_from and (o.valid_to is null or c.day < o.valid_to)
join ref.due_days b on (b.first_day is null or c.day >= b.first_day) and (b.last_day is null or c.day <= b.last_day);

-- HMAC-SHA256 under the key of the session (ciq.ledger.pseudonyms), cut to 96 bits. The key is not in the database.
create function audit.pseudonym(cell text) returns text
language sql stable strict set search_path = pg_catalog, pg_temp as $$
    select 'P-' || left(encode(sha256(
        decode(current_setting('ciq.pseudonym_outer'), 'hex')
        || sha256(decode(current_setting('ciq.pseudonym_inner'), 'hex') || convert_to(cell, 'UTF8'))
    ), 'hex'), 24)
$$;

-- What the key makes of a word that everybody knows: another key is noticed before it makes other pseudonyms.
create table audit.pseudonym_key (
    only_row boolean primary key default true check (only_row),
    proof text not null
);
