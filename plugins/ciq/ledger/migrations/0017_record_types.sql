-- A feed's file may hold records of several types, each with a table of its own. A slice version is still one: its rows
-- and its digest are over all of them, and it has the layout of each table, in the order of the contract.
alter table audit.slice_version drop constraint slice_version_layout_fkey;
alter table audit.slice_version alter column layout type text[] using array_remove(array[layout], null);
alter table audit.slice_version rename column layout to layouts;
alter table audit.slice_version alter column layouts set not null;

-- Where a rejected row stands: a line is one of its file, or of this sheet or element of it.
alter table quarantine.rejected_row add column section text;
