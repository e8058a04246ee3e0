-- What runs with the owner's rights reads no name of the caller's, and states of rejected rows are found by index.

-- Without pg_temp in the path it is searched first, so a caller's own domain named text would run its check as the owner.
alter function published.as_of_no() set search_path = pg_catalog, audit, pg_temp;
alter function audit.set_promoted_at() set search_path = pg_catalog, audit, pg_temp;
alter function audit.make_month(text, date) set search_path = pg_catalog, pg_temp;

-- A decision that names no delivery cannot be answered, and the log cannot forget it: it is refused.
create or replace function audit.append_event(kind text, payload text) returns bigint
language plpgsql security definer set search_path = pg_catalog, audit, pg_temp as $$
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

create index on audit.decision (delivery_id, line_no);
create index on quarantine.rejected_row (delivery_id, record_no);
drop index quarantine.rejected_row_delivery_id_idx;
drop index audit.decision_delivery_id_idx;

-- A warehouse of before: states that were written when the verdict was given, brought to what is due.
update quarantine.rejected_row q set state = s.due_state
from audit.reject_state s
where s.rejected_row_id = q.rejected_row_id and s.due_state <> s.stored_state;
