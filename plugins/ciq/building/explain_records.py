"""From a fact row to the events of its cases, or to its return, summary, notice or certificate, and to the file."""

from __future__ import annotations

import psycopg
from psycopg import sql

_MONTHS = """
select matter_no as number from (
    select m.matter_no, m.org_id, m.case_kind,
        (date_trunc('month', d.day) + interval '1 month - 1 day')::date as month_end
    from published.fct_disputes m cross join lateral (values (accepted_date), (filed_date), (closed_date)) d (day)
    union all
    select m.matter_no, m.org_id, m.case_kind, e.month_end
    from published.fct_disputes m join published.fct_case_month_end e using (matter_no)
) parts where {}
"""

_RECORDS_OF = {
    "fct_penalties": "select case_no as number from published.fct_penalties where {}",
    "fct_disputes": "select matter_no as number from published.fct_disputes where {}",
    "fct_case_milestone": "select matter_no as number from published.fct_case_milestone where {}",
    "fct_case_month_end": "select matter_no as number from published.fct_case_month_end where {}",
    "fct_dispute_months": _MONTHS,
    "fct_legal_return": "select concat_ws(' ', org_code, month_end) as number from published.fct_legal_return where {}",
    "fct_monthly_summary": "select concat_ws(' ', org_code, month_end, topic, ie_flag) as number"
    " from published.fct_monthly_summary where {}",
    "fct_document": "select doc_no as number from published.fct_document where {}",
    "dim_enterprise_class": "select ent_code as number from published.dim_enterprise_class where {}",
    "snap_ent_class": "select ent_code as number from published.snap_ent_class where {}",
    "fct_unused_case_row": "select case when entity in ('legal_return', 'monthly_summary')"
    " then concat_ws(' ', key, item) else key end as number from published.fct_unused_case_row where {}",
}
"""Table -> the numbers of the cases, matters, returns, summaries, documents or enterprises behind its rows; the
placeholder takes the key. A fact of records that stand by themselves needs no line here: its grain has the number."""

_FACTS_OF_RECORDS = """
select mart.relname, first_column.attname
from pg_class as mart
join pg_index as i on i.indrelid = mart.oid
join pg_class as grain on grain.oid = i.indexrelid and grain.relname = mart.relname || '_grain'
join lateral (
    select a.attname from unnest(i.indkey) with ordinality as k (attnum, place)
    join pg_attribute as a on a.attrelid = mart.oid and a.attnum = k.attnum
    where a.attname <> 'entity'
    order by k.place
    limit 1
) as first_column on true
where
    mart.relnamespace = 'marts'::regnamespace
    and exists (select from pg_attribute as a where a.attrelid = mart.oid and a.attname = 'void_line_no')
order by mart.relname collate "C"
"""
"""The facts whose rows tell what deleted their record, each with the column that holds the record's number."""

SOURCES = """
with members as (
    select number, number as case_no from unnest(%(numbers)s::text[]) as numbers (number)
    union
    select matter_no, case_no from published.fct_case_milestone where matter_no = any(%(numbers)s)
),
stated as (
    select *, concat_ws(' ', org_code, month_end, topic, ie_flag) as number from published.fct_monthly_summary
    where concat_ws(' ', org_code, month_end, topic, ie_flag) = any(%(numbers)s)
),
rows as (
    select matter_no as number, event_seq::int as place,
        concat_ws(' ', case_no, event_seq, milestone, milestone_date) as role, delivery_id, line_no
    from published.fct_case_milestone where matter_no = any(%(numbers)s)
    union all
    select concat_ws(' ', org_code, month_end), 1, case when is_void then 'taken back' else 'return' end,
        delivery_id, line_no
    from published.fct_legal_return where concat_ws(' ', org_code, month_end) = any(%(numbers)s)
    union all
    select concat_ws(' ', org_code, month_end), 2, 'void', void_delivery_id, void_line_no
    from published.fct_legal_return
    where concat_ws(' ', org_code, month_end) = any(%(numbers)s) and void_delivery_id is not null
    union all
    select number, 1, case when is_void then 'taken back' else 'summary' end, delivery_id, line_no from stated
    union all
    select number, 2, 'void', void_delivery_id, void_line_no from stated where void_delivery_id is not null
    union all
    select notice_no, 1, case when is_void then 'taken back' else 'notice' end, delivery_id, line_no
    from published.fct_notice where notice_no = any(%(numbers)s)
    union all
    select notice_no, 2, 'void', void_delivery_id, void_line_no
    from published.fct_notice where notice_no = any(%(numbers)s) and void_delivery_id is not null
    union all
    select coo_no, 1, case when is_void then 'void' else 'certificate' end, delivery_id, line_no
    from published.fct_origin_cert where coo_no = any(%(numbers)s)
    union all
    select coo_no, 2, 'void', void_delivery_id, void_line_no
    from published.fct_origin_cert where coo_no = any(%(numbers)s) and void_delivery_id is not null
    union all
    select replaces_coo_no, 3, 'replaced by ' || coo_no, delivery_id, line_no
    from published.fct_origin_cert where replaces_coo_no = any(%(numbers)s) and not is_void
),
records as (
    select key as number, 1 as place,
        concat_ws(' ', case when is_void then 'taken back' else entity end, nullif(item, '')) as role,
        delivery_id, line_no, entity, null as section
    from published.fct_record where key = any(%(numbers)s)
    union all
    select key, 2, concat_ws(' ', 'void', nullif(item, '')), void_delivery_id, void_line_no, entity, null
    from published.fct_record where key = any(%(numbers)s) and void_delivery_id is not null
    union all
    select members.number, 100000, concat_ws(' ', unused.key, unused.item, unused.fate) || ' (' || unused.reason || ')',
        unused.delivery_id, unused.line_no, unused.entity, null
    from published.fct_unused_case_row unused
    join members on members.case_no = case when unused.entity in ('legal_return', 'monthly_summary')
        then concat_ws(' ', unused.key, unused.item) else unused.key end
    union all
    select members.number, 100001, 'quarantined (' || array_to_string(rejected.rule_ids, ', ') || ')',
        rejected.delivery_id, rejected.line_no, null, rejected.section
    from quarantine.rejected_row rejected
    join members on members.case_no = coalesce(
        rejected.key ->> 'case_no', rejected.key ->> 'notice_no', rejected.key ->> 'coo_no',
        concat_ws(' ', rejected.key ->> 'org_code', rejected.key ->> 'period_end', rejected.key ->> 'topic',
            rejected.key ->> 'ie_flag'))
        or members.case_no in (
            select cell.value from jsonb_each_text(rejected.key - 'record_id' - 'version_no') as cell
        )
    where rejected.state = 'open'
    union all
    select members.number, 100002, 'finding ' || found.rule_id || ' (expected ' || found.expected || ', found '
        || coalesce(found.found, 'nothing') || ')', found.delivery_id, found.line_no, found.entity, null
    from published.fct_finding found
    join (
        select number, case_no from members
        union all
        select number, concat_ws(' ', 'N01', org_code, month_end) from stated
    ) members on members.case_no = case found.entity when 'legal_return' then concat_ws(
        ' ', found.key, (date_trunc('month', found.business_date) + interval '1 month - 1 day')::date
    ) when 'monthly_summary' then concat_ws(' ', 'N01', found.key, found.business_date) else found.key end
    union all
    select number, place, role, delivery_id, line_no, null, null from rows
)
select rows.number, rows.role, d.feed_code, d.org_code, d.business_date, d.data_name as file, rows.line_no as line,
    d.delivery_id, rows.entity, rows.section
from records rows join audit.delivery d using (delivery_id)
order by rows.number, rows.place, rows.role collate "C", d.delivery_id, rows.line_no
"""
"""Where the rows of these cases, returns, summaries and notices were delivered; unused and rejected ones, findings."""


def records_of(connection: psycopg.Connection) -> dict[str, str]:
    """Table -> query of the numbers of the records behind its rows; its placeholder takes the key."""
    facts = connection.execute(_FACTS_OF_RECORDS.encode()).fetchall()
    own = {
        str(fact): sql.SQL("select {} as number from published.{} where {{}}")
        .format(sql.Identifier(column), sql.Identifier(fact))
        .as_string(connection)
        for fact, column in facts
    }
    return own | _RECORDS_OF


def records_behind(connection: psycopg.Connection, query: str, condition: sql.Composable) -> list[str]:
    """The numbers that a query of `records_of` gives for the rows that meet a condition."""
    inner = sql.SQL(query).format(condition)
    rows = connection.execute(sql.SQL("select distinct number from ({}) found order by 1").format(inner)).fetchall()
    return [str(row[0]) for row in rows]
