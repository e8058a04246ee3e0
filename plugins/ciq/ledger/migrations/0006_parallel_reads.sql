-- Readers' views compare with this number: marked so that their queries may run in parallel.
alter function published.as_of_no() parallel safe;
alter function audit.promoted_no() parallel safe;
alter function audit.next_no() parallel safe;

-- Each build looks for the rejected rows of its declarations.
create index on quarantine.rejected_row ((key ->> 'decl_no'));
