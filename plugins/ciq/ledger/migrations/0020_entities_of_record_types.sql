-- A feed may have several record types, each with an entity of its own: the entity tells records apart, the feed does not.
do $$
begin
    if to_regclass('marts.fct_record_grain') is not null then
        drop index marts.fct_record_grain;
        create unique index fct_record_grain on marts.fct_record (entity, key, item) where known_to_no is null;
    end if;
end $$;
