-- What a digest covers is kept with it, reference data is sealed like accepted rows, and the log knows who may say what.

-- The columns that row digests cover, in their order: a column that is added later leaves earlier digests as they are.
create table audit.row_layout (
    layout text primary key,
    relation text not null,                  -- ods.f01_declaration, marts.fct_volume
    columns text[] not null
);
create trigger append_only before update or delete or truncate on audit.row_layout
    for each statement execute function audit.refuse_change();

create function audit.layout_of(relation text, columns text[]) returns text
language sql immutable as $$
    select relation || ' ' || left(encode(sha256(convert_to(array_to_string(columns, ','), 'UTF8')), 'hex'), 16)
$$;

alter table audit.slice_version add column layout text references audit.row_layout;
alter table audit.publication_mart add column layout text references audit.row_layout;

-- A warehouse of before: its tables have had one layout so far, the one that they have.
insert into audit.row_layout
select audit.layout_of(relation, columns), relation, columns
from (
    select c.relnamespace::regnamespace || '.' || c.relname as relation,
        array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where a.attname <> all ('{row_digest,known_from_no,known_to_no}') and (
        c.relnamespace = to_regnamespace('ods') and c.relkind = 'p' and a.attname <> all (
            '{slice_version_id,delivery_id,sender_org,business_date,record_no,line_no,released_rules}')
        or c.relnamespace = to_regnamespace('marts') and c.relkind = 'r' and exists (
            select from pg_attribute k where k.attrelid = c.oid and k.attname = 'known_from_no'))
    group by 1
) tables;
alter table audit.slice_version disable trigger append_only;
update audit.slice_version s set layout = l.layout
from ref.feed f join audit.row_layout l on l.relation = 'ods.' || f.contract_id
where f.feed_code = s.feed_code;
alter table audit.slice_version enable trigger append_only;
update audit.publication_mart p set layout = l.layout from audit.row_layout l where l.relation = 'marts.' || p.mart;

-- Reference data and static dimensions: a digest per row, sealed by the events `reference` and `dimensions`.
create table audit.sealed_row (
    relation text not null,
    key text not null,                       -- column=value of its primary key
    digest bytea not null                    -- the first 16 bytes of the row's sha256
);
create index on audit.sealed_row (relation);
-- Names a row of this dimension; a new warehouse has it from dbt.
do $$
begin
    if to_regclass('marts.dim_code') is not null then
        create unique index on marts.dim_code (list_id, code);
    end if;
end $$;

-- The state that each rejected row has: a function of deliveries, verdicts and decisions, whatever came first.
create view audit.reject_state as
select
    q.rejected_row_id, q.delivery_id, q.feed_code, q.org_code, q.business_date, q.line_no, q.state as stored_state,
    case
        -- A delivery that passed stands above it, or one that withdraws the slice.
        when exists (
            select from audit.delivery high
            join audit.verdict judged on judged.delivery_id = high.delivery_id
            where (high.feed_code, high.org_code, high.business_date) = (d.feed_code, d.org_code, d.business_date)
                and high.pairing = 'paired' and high.place > d.place
                and (high.status = '3' or judged.verdict = 'accepted')
                and not exists (
                    select from audit.verdict later
                    where later.delivery_id = judged.delivery_id and later.verdict_id > judged.verdict_id
                )
        ) then 'superseded'
        when q.verdict_id = v.verdict_id then 'open'
        -- The verdict in force took the row, and a person had released it from a rule that it broke.
        when v.verdict = 'accepted' and exists (
            select from audit.decision x
            where x.delivery_id = q.delivery_id and x.kind = 'release_row' and x.line_no = q.line_no
                and x.rule_id = any (q.rule_ids)
        ) and not exists (
            select from quarantine.rejected_row again
            where again.delivery_id = q.delivery_id and again.record_no = q.record_no
                and again.verdict_id > q.verdict_id
        ) then 'released'
        else 'superseded'
    end as due_state
from quarantine.rejected_row q
join audit.delivery d on d.delivery_id = q.delivery_id
cross join lateral (
    select verdict_id, verdict from audit.verdict
    where delivery_id = q.delivery_id order by verdict_id desc limit 1
) v;

-- As-of by time follows the numbers: the time is taken under the lock of the chain, and never goes back.
create function audit.set_promoted_at() returns trigger
language plpgsql security definer set search_path = audit, pg_catalog as $$
begin
    perform pg_advisory_xact_lock(7300001);
    select greatest(clock_timestamp(), max(promoted_at) + interval '1 microsecond') into new.promoted_at
    from audit.publication;
    return new;
end $$;
create trigger promoted_at before insert on audit.publication
    for each row execute function audit.set_promoted_at();

-- Who may say what: the loader takes no decisions and seals no reference data, the engineer does nothing but decide.
create or replace function audit.append_event(kind text, payload text) returns bigint
language plpgsql security definer set search_path = audit, pg_catalog as $$
declare
    last_no bigint;
    last_hash text;
    at_ timestamptz;
    new_hash text;
begin
    if session_user = 'ciq_loader' and kind in ('decision', 'reference')
        or session_user = 'ciq_engineer' and kind <> 'decision'
    then
        raise insufficient_privilege using message = format('%s may not log events of kind %s', session_user, kind);
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

-- Accepted rows belong to the owner: the loader adds rows and months, and changes nothing.
do $$
declare
    found record;
begin
    for found in
        select c.oid::regclass as name from pg_class c
        where c.relnamespace = to_regnamespace('ods') and c.relkind in ('p', 'r')
        order by c.relkind, c.oid
    loop
        execute format('alter table %s owner to current_user', found.name);
    end loop;
end $$;
alter schema ods owner to current_user;

create function audit.make_month(contract_id text, month date) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    first_day date := date_trunc('month', month);
begin
    perform pg_advisory_xact_lock(7300004);  -- two loaders may meet at the first of a month
    execute format(
        'create table if not exists ods.%I partition of ods.%I for values from (%L) to (%L)',
        contract_id || '_' || to_char(first_day, 'YYYYMM'), contract_id, first_day, (first_day + interval '1 month')::date
    );
end $$;
revoke execute on function audit.make_month(text, date) from public;
