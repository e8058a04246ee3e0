-- A build reads which days are closed as they stood when it was frozen: a month end that is closed meanwhile belongs to
-- the next build, with its key.
alter table audit.closed_day add column xact xid8 not null default pg_current_xact_id();
