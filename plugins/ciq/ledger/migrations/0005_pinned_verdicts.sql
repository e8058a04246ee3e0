-- A build reads verdicts as they stood when it was frozen: later ones belong to the next build, with their keys.
alter table audit.verdict add column xact xid8 not null default pg_current_xact_id();
alter table audit.build add column snapshot pg_snapshot not null default pg_current_snapshot();
