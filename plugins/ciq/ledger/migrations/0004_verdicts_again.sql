-- Rules may go back to what they were: then the same rules and decisions judge a delivery a second time.
-- That two loaders give one verdict is kept by the lock of the slice, under which a loader looks again.
alter table audit.verdict drop constraint verdict_delivery_id_rules_hash_decisions_hash_key;
create index on audit.verdict (delivery_id);

create index on quarantine.rejected_row (verdict_id);
