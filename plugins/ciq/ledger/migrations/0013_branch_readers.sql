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
