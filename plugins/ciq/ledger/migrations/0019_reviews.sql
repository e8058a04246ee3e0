-- The annual review: what documents published, and reviews that were frozen with all that they say.

create table ref.published_claim (
    document text not null,                  -- file below expectations/review/published
    indicator_id int not null,
    year int not null,
    edition int not null,                    -- of several documents of a year the highest is compared with
    kind text not null check (kind in ('D', 'B', 'X', 'N')),
    name_zh text not null,
    name_en text not null,
    figure_text text not null,               -- as printed
    value numeric,
    lower_bound numeric,                     -- null: does not bind
    upper_bound numeric,
    source text not null,                    -- where in the document
    title text not null,
    primary key (document, indicator_id)
);

create table audit.frozen_review (
    review_no int generated always as identity primary key,
    run_ref text not null unique,            -- Airflow run, or cli; frozen again under it, it is the same review
    year int not null,
    last_day date not null,                  -- up to which day of the year
    as_of_no int not null,                   -- the publication that it was derived from
    frozen_by text not null check (frozen_by ~ '\S'),
    login text not null default session_user,
    frozen_at timestamptz not null default clock_timestamp(),
    reason text not null check (reason ~ '\S'),
    document text not null,                  -- that it was compared with; empty: none
    definitions_hash text not null,          -- sha256 over the definitions
    results text not null,                   -- the review as canonical JSON, with the SQL of each figure
    digest text not null                     -- sha256 of results
);
create trigger append_only before update or delete or truncate on audit.frozen_review
    for each statement execute function audit.refuse_change();
