-- The ledger and its neighbours. Tables of feeds (raw, ods) and of marts are made elsewhere:
-- from the contracts by the loader, from the models by dbt.

create schema if not exists raw;
create schema if not exists ods;
create schema if not exists quarantine;
create schema if not exists audit;
create schema if not exists ref;

-- Reference data: code lists, calendar, rates. Filled by `ciq init` from packages and expectations/code_lists.
create table ref.code (
    list_id text not null,
    code text not null,
    name_zh text not null,
    name_en text not null,
    valid_from date,
    valid_to date,
    attributes jsonb not null default '{}',
    primary key (list_id, code)
);

create table ref.org (
    org_code text primary key,
    parent_code text references ref.org,
    level text not null check (level in ('AQSIQ', 'HQ', 'BRANCH', 'OFFICE')),
    branch_code text not null,               -- the branch above, or itself; 320000 for headquarters
    name_zh text not null,
    name_en text not null,
    seat_zh text not null,
    valid_from date not null,
    valid_to date,
    is_due boolean not null,                 -- one of the branches that must deliver
    endpoint text                            -- where its files are fetched; null: it does not deliver
);

create table ref.calendar (
    day date primary key,
    is_workday boolean not null,
    holiday_name text,
    is_in_lieu boolean not null
);

create table ref.fx_rate (
    currency text not null,
    day date not null,
    usd_per_100 numeric(18, 8) not null,     -- USD per 100 units, as the feeds carry it
    source text not null,
    primary key (currency, day)
);

create table ref.hs (
    hs_code text primary key,                -- 2, 4 or 6 digits
    level smallint not null,
    section text,
    name_en text not null,
    name_zh text,
    edition text not null                    -- the nomenclature the name comes from
);

create table ref.feed (
    feed_code text primary key,
    contract_id text not null,
    name_zh text not null,
    name_en text not null,
    calendar text not null,
    cutoff time not null,
    load_group text not null,
    effective_from date not null
);

create table ref.rule (
    rule_id text primary key,
    feed_code text not null,
    scope text not null,
    severity text not null,
    dimension text,
    field text,
    releasable boolean not null,
    message_zh text not null,
    message_en text not null
);

-- What arrived, and what it is.
create table audit.arrival (
    arrival_id bigint generated always as identity primary key,
    endpoint text not null,
    org_code text not null,                  -- whose folder it stood in
    path text not null,
    file_name text not null,
    bytes bigint not null,
    modified_at timestamptz,
    sha256 text not null,
    arrived_at timestamptz not null default clock_timestamp(),
    unique (endpoint, path, sha256)
);

create table audit.delivery (
    delivery_id bigint generated always as identity primary key,
    identity text not null unique,           -- sha256 of feed, branch, date, seq, data, manifest (decisions 1)
    pairing text not null check (pairing in ('paired', 'data_only', 'manifest_only', 'unreadable_name')),
    feed_code text,
    org_code text,                           -- the sender
    business_date date,
    seq smallint,
    data_name text,
    data_sha256 text,
    data_bytes bigint,
    manifest_name text,
    manifest_sha256 text,
    manifest jsonb,                          -- its cells as received
    manifest_broken text[] not null default '{}',  -- rules of F00 that it breaks
    status text,
    report_time timestamp,
    rows_declared bigint,
    control_sum numeric(18, 2),
    place text collate "C",                  -- order within the slice: seq, report_time, data, manifest
    endpoint text not null,
    registered_at timestamptz not null default clock_timestamp(),
    check (pairing <> 'paired' or (feed_code is not null and org_code is not null and business_date is not null
                                   and seq is not null and place is not null))
);
create index on audit.delivery (feed_code, org_code, business_date);
create index on audit.delivery (business_date) where pairing = 'paired';

create table audit.load (
    load_id bigint generated always as identity primary key,
    run_ref text not null,                   -- Airflow run, or cli
    feed_code text not null,
    deliveries int not null,
    state text not null default 'running' check (state in ('running', 'finished', 'failed', 'abandoned')),
    software text not null,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    error text
);

create table audit.verdict (
    verdict_id bigint generated always as identity primary key,
    delivery_id bigint not null references audit.delivery,
    load_id bigint not null references audit.load,
    rules_hash text not null,
    decisions_hash text not null,
    verdict text not null check (verdict in ('accepted', 'held')),
    hold_rules text[] not null default '{}',
    hold_detail jsonb not null default '{}', -- per rule: what was expected, what was found, where
    rows_received bigint not null,
    rows_accepted bigint not null,
    rows_quarantined bigint not null,
    rows_held bigint not null,
    judged_at timestamptz not null default clock_timestamp(),
    unique (delivery_id, rules_hash, decisions_hash),
    check (rows_received = rows_accepted + rows_quarantined + rows_held)
);

-- Law 1 in value: per currency, over rows whose amount can be read; the others are counted.
create table audit.verdict_value (
    verdict_id bigint not null references audit.verdict,
    currency text not null,
    received numeric not null,
    accepted numeric not null,
    quarantined numeric not null,
    held numeric not null,
    rows_unreadable bigint not null default 0,
    primary key (verdict_id, currency),
    check (received = accepted + quarantined + held)
);

create table audit.rule_result (
    load_id bigint not null references audit.load,
    delivery_id bigint references audit.delivery,   -- null: the whole load
    rule_id text not null,
    engine text not null check (engine in ('parser', 'sql', 'gx')),
    suite_hash text not null,
    rows_checked bigint not null,
    rows_broken bigint not null,
    success boolean not null,
    detail jsonb
);
create index on audit.rule_result (load_id);
create index on audit.rule_result (delivery_id);
create index on audit.rule_result (rule_id);

-- An accepted delivery under one set of rules and decisions. Rows are never updated.
create table audit.slice_version (
    slice_version_id bigint generated always as identity primary key,
    verdict_id bigint not null unique references audit.verdict,
    delivery_id bigint not null references audit.delivery,
    feed_code text not null,
    org_code text not null,
    business_date date not null,
    place text collate "C" not null,
    rows bigint not null,
    digest text not null,                    -- of its ods rows, taken at acceptance
    accepted_at timestamptz not null default clock_timestamp()
);
create index on audit.slice_version (feed_code, org_code, business_date);
create index on audit.slice_version (delivery_id);

-- Which slice version stood at which publication: the build's pinned input, and history.
create table audit.slice_publication (
    feed_code text not null,
    org_code text not null,
    business_date date not null,
    slice_version_id bigint not null references audit.slice_version,
    known_from_no int not null,
    known_to_no int
);
create unique index on audit.slice_publication (feed_code, org_code, business_date) where known_to_no is null;
create index on audit.slice_publication (slice_version_id);

create table quarantine.rejected_row (
    rejected_row_id bigint generated always as identity primary key,
    verdict_id bigint not null references audit.verdict,
    delivery_id bigint not null references audit.delivery,
    feed_code text not null,
    org_code text not null,
    business_date date not null,
    record_no bigint not null,
    line_no bigint not null,
    rule_ids text[] not null,
    cells jsonb not null,                    -- the broken cells, by column: value as received
    key jsonb not null,                      -- record_id and key columns, as far as they can be read
    amount numeric,
    currency text,
    raw bytea not null,
    raw_text text not null,                  -- the same, decoded as far as it goes, for people
    state text not null default 'open' check (state in ('open', 'released', 'superseded'))
);
create index on quarantine.rejected_row (delivery_id);
create index on quarantine.rejected_row (business_date, feed_code, org_code);

create table audit.decision (
    decision_id bigint generated always as identity primary key,
    kind text not null check (kind in ('release_hold', 'reject_hold', 'release_row')),
    delivery_id bigint not null references audit.delivery,
    rule_id text not null,
    line_no bigint,                          -- null: the rule on the whole delivery
    decided_by text not null,
    login text not null default session_user,
    reason text not null,
    decided_at timestamptz not null default clock_timestamp()
);
create index on audit.decision (delivery_id);

create table audit.closed_day (
    business_date date primary key,
    closed_at timestamptz not null default clock_timestamp(),
    run_ref text not null
);

-- What must be rebuilt. A build moves it to build_key under its number, and drops that at promotion.
create table audit.build_queue (
    entity text not null,                    -- declaration | slice | day
    key text not null,                       -- slice: feed|branch|date
    reason text not null,
    queued_at timestamptz not null default clock_timestamp()
);
create table audit.build_key (
    publication_no int not null,
    entity text not null,
    key text not null,
    primary key (publication_no, entity, key)
);

create table audit.build (
    build_id bigint generated always as identity primary key,
    publication_no int not null,
    run_ref text not null,
    state text not null default 'running' check (state in ('running', 'failed', 'promoted', 'abandoned')),
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    error text
);

create table audit.publication (
    publication_no int primary key check (publication_no > 0),
    promoted_at timestamptz not null default clock_timestamp(),
    build_id bigint not null references audit.build,
    run_ref text not null,
    slices int not null,
    keys int not null,
    contracts_hash text not null,
    codes_hash text not null,
    models_hash text not null
);

create table audit.publication_mart (
    publication_no int not null references audit.publication,
    mart text not null,
    rows_opened bigint not null,
    rows_closed bigint not null,
    rows_visible bigint not null,
    digest text not null,
    primary key (publication_no, mart)
);

-- Append-only, each row carries the hash of the one before.
create table audit.event (
    event_no bigint primary key,
    at timestamptz not null,
    kind text not null,
    payload text not null,                   -- canonical JSON
    prev_hash text not null,
    hash text not null
);

create table audit.journal_mark (
    only_row boolean primary key default true check (only_row),
    flushed_to bigint not null default 0
);
insert into audit.journal_mark default values;

create function audit.append_event(kind text, payload text) returns bigint
language plpgsql security definer set search_path = audit, pg_catalog as $$
declare
    last_no bigint;
    last_hash text;
    at_ timestamptz := date_trunc('microseconds', clock_timestamp());
    new_hash text;
begin
    -- Taken last in every transaction that logs: it serialises the writers of the chain until they commit.
    perform pg_advisory_xact_lock(7300001);
    select e.event_no, e.hash into last_no, last_hash from audit.event e order by e.event_no desc limit 1;
    last_no := coalesce(last_no, 0);
    last_hash := coalesce(last_hash, repeat('0', 64));
    new_hash := audit.event_hash(last_no + 1, at_, kind, payload, last_hash);
    insert into audit.event values (last_no + 1, at_, kind, payload, last_hash, new_hash);
    return last_no + 1;
end $$;

create function audit.event_hash(event_no bigint, at timestamptz, kind text, payload text, prev_hash text) returns text
language sql immutable as $$
    select encode(sha256(convert_to(
        event_no::text || E'\n' || extract(epoch from at)::text || E'\n' || kind || E'\n' || payload || E'\n' || prev_hash,
        'UTF8')), 'hex')
$$;

create function audit.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % refused', tg_table_name, tg_op;
end $$;
create trigger append_only before update or delete or truncate on audit.event
    for each statement execute function audit.refuse_change();
create trigger append_only before update or delete or truncate on audit.decision
    for each statement execute function audit.refuse_change();
create trigger append_only before update or delete or truncate on audit.slice_version
    for each statement execute function audit.refuse_change();

-- The two halves of a 16 byte prefix of a row's sha256, to be summed: order does not matter, duplicates do.
create function audit.half(digest bytea, which int) returns bigint
language sql immutable parallel safe as $$
    select ('x' || encode(substring(digest from 1 + 8 * which for 8), 'hex'))::bit(64)::bigint
$$;

create function audit.promoted_no() returns int language sql stable as $$
    select coalesce(max(publication_no), 0) from audit.publication
$$;
create function audit.next_no() returns int language sql stable as $$
    select coalesce(max(publication_no), 0) + 1 from audit.publication
$$;

-- The delivery that a slice publishes: the highest that passed, unless an UnPass (3) stands above it (decisions 2, 3).
create view audit.slice_winner as
with judged as (
    select distinct on (v.delivery_id)
        v.delivery_id, v.verdict_id, v.verdict
    from audit.verdict v
    order by v.delivery_id, v.verdict_id desc
),
ranked as (
    select
        d.feed_code, d.org_code, d.business_date, d.status, j.verdict_id,
        row_number() over (
            partition by d.feed_code, d.org_code, d.business_date order by d.place desc
        ) as rank_no
    from audit.delivery d
    join judged j using (delivery_id)
    where d.pairing = 'paired' and (j.verdict = 'accepted' or d.status = '3')
)
select r.feed_code, r.org_code, r.business_date, sv.slice_version_id
from ranked r
join audit.slice_version sv on sv.verdict_id = r.verdict_id
where r.rank_no = 1 and r.status is distinct from '3';
