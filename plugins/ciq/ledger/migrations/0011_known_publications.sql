-- A connection that asks for a publication that never was is told so, instead of reading the last one.
create or replace function published.as_of_no() returns int
language plpgsql stable parallel safe security definer set search_path = pg_catalog, audit, pg_temp as $$
declare
    wanted text := nullif(current_setting('ciq.as_of', true), '');
begin
    if wanted is null then
        return audit.promoted_no();
    end if;
    if wanted ~ '^[0-9]+$' then
        if wanted::numeric > audit.promoted_no() then
            raise invalid_parameter_value
                using message = format('there is no publication %s, the last one is %s', wanted, audit.promoted_no());
        end if;
        return wanted::int;
    end if;
    return coalesce((select max(publication_no) from audit.publication where promoted_at <= wanted::timestamptz), 0);
end $$;
