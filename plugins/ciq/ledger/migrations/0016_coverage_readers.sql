-- On which day a branch had disputes is for the province only: fct_coverage says for each row which branch may read it.
-- Rows of earlier publications name none, so no branch reads them; the next build opens rows that do.
alter table if exists marts.fct_coverage add column if not exists reader_org text;
