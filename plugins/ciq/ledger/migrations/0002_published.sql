-- The schemas that dbt fills, and the one number that makes a publication visible.

create schema if not exists staging;
create schema if not exists intermediate;
create schema if not exists marts;
create schema if not exists published;

-- The publication that a connection reads: the promoted one, or as set by `ciq.as_of` (a number or a time).
create function published.as_of_no() returns int
language plpgsql stable security definer set search_path = audit, pg_catalog as $$
declare
    wanted text := nullif(current_setting('ciq.as_of', true), '');
begin
    if wanted is null then
        return audit.promoted_no();
    end if;
    if wanted ~ '^[0-9]+$' then
        return least(wanted::int, audit.promoted_no());
    end if;
    return coalesce((select max(publication_no) from audit.publication where promoted_at <= wanted::timestamptz), 0);
end $$;
