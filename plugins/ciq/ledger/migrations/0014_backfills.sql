-- Backfills: who asked for which range and why, what stood before; and, in a row of its own, what came of it.

create table audit.backfill (
    backfill_no int generated always as identity primary key,
    run_ref text not null unique,            -- Airflow run, or cli; asked for again under it, it is the same backfill
    requested_by text not null check (requested_by ~ '\S'),
    login text not null default session_user,
    requested_at timestamptz not null default clock_timestamp(),
    first_day date not null,
    last_day date not null,
    branches text[] not null,                -- empty: all
    feeds text[] not null,                   -- empty: all
    mode text not null check (mode in ('fetch', 'landing', 'marts')),
    reason text not null check (reason ~ '\S'),
    ticket text not null,                    -- empty: none
    is_dry_run boolean not null,
    plan jsonb not null,                     -- slices per state and what is to be done, and those of which something is
    publication_before int not null,
    totals_before jsonb not null,            -- per published fact: rows and additive measures
    check (first_day <= last_day)
);
create table audit.backfill_result (
    backfill_no int primary key references audit.backfill,
    finished_at timestamptz not null default clock_timestamp(),
    publication_after int not null,
    totals_after jsonb not null,
    publications jsonb not null,             -- promoted since the plan, by whichever run: number, run, rows opened, closed
    moved jsonb not null,                    -- per fact, day and measure: by how much
    open_slices jsonb not null               -- due in the range and not published: completeness as the ledger has it
);
create trigger append_only before update or delete or truncate on audit.backfill
    for each statement execute function audit.refuse_change();
create trigger append_only before update or delete or truncate on audit.backfill_result
    for each statement execute function audit.refuse_change();
