-- Who reads which branch. Row security on the marts (dbt_project/macros/readers.sql) rests on what stands here, and on
-- nothing that a client can set.

create schema access;

-- Logins of branch readers and the branches that they see. Written by `ciq reader`, each change an event.
create table access.reader_branch (
    role_name text not null,
    org_code text not null,
    primary key (role_name, org_code)
);

-- The asking login's own branches. Not security_invoker: a reader sees its own rows of the table and no others.
create view access.own_branch with (security_barrier) as
select org_code from access.reader_branch where role_name = current_user;

-- The publication that row security goes up to, whatever `ciq.as_of` says.
create function access.promoted_no() returns int
language sql stable parallel safe security definer set search_path = pg_catalog, audit, pg_temp as $$
    select audit.promoted_no()
$$;

-- As before; and that the loader may not say who reads what.
create or replace function audit.append_event(kind text, payload text) returns bigint
language plpgsql security definer set search_path = pg_catalog, audit, pg_temp as $$
declare
    last_no bigint;
    last_hash text;
    at_ timestamptz;
    new_hash text;
begin
    if session_user = 'ciq_loader' and kind in ('decision', 'reference', 'reader')
        or session_user = 'ciq_engineer' and kind <> 'decision'
    then
        raise insufficient_privilege using message = format('%s may not log events of kind %s', session_user, kind);
    end if;
    if kind = 'decision' and not coalesce(
        jsonb_typeof(payload::jsonb -> 'subjects') = 'array' and jsonb_array_length(payload::jsonb -> 'subjects') > 0
        and exists (select from audit.delivery d where d.delivery_id::text = payload::jsonb ->> 'delivery_id'), false)
    then
        raise invalid_parameter_value using message = 'a decision names a known delivery and its subjects';
    end if;
    -- Taken last in every transaction that logs: it serialises the writers of the chain until they commit.
    perform pg_advisory_xact_lock(7300001);
    at_ := date_trunc('microseconds', clock_timestamp());
    select e.event_no, e.hash into last_no, last_hash from audit.event e order by e.event_no desc limit 1;
    last_no := coalesce(last_no, 0);
    last_hash := coalesce(last_hash, repeat('0', 64));
    new_hash := audit.event_hash(last_no + 1, at_, kind, payload, last_hash);
    insert into audit.event values (last_no + 1, at_, kind, payload, last_hash, new_hash);
    return last_no + 1;
end $$;
