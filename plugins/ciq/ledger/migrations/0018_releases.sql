-- When a lot was released, and how long clearance took (F04). Rows of earlier publications do not say; `ciq init` queues
-- all keys, because the models changed.
alter table if exists marts.fct_inspection_lot
    add column if not exists release_cert_no text,
    add column if not exists release_time timestamp,
    add column if not exists hours_accept_to_release numeric(12, 2),
    add column if not exists is_released_off_hours boolean,
    add column if not exists is_direct_release boolean,
    add column if not exists certificates integer;
alter table if exists marts.fct_volume
    add column if not exists clearance_hours_sum numeric(20, 2),
    add column if not exists clearance_lots integer;
-- Which record of a declaration an unused row is.
alter table if exists marts.fct_unused_row add column if not exists item text;
