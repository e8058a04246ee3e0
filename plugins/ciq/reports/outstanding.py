"""What is in no total: held, quarantined, waiting, not built, or never delivered; how much, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal

import psycopg
from psycopg.rows import class_row

Kind = Literal["missing", "held", "quarantined", "waiting", "not_built"]

KINDS: Mapping[Kind, str] = {
    "missing": "缺失 missing",
    "held": "扣留 held",
    "quarantined": "隔离 quarantined",
    "waiting": "等待 waiting",
    "not_built": "待构建 not built",
}


@dataclass(frozen=True, kw_only=True)
class Outstanding:
    """Rows of one slice that no total has, for one reason."""

    kind: Kind
    business_date: date
    org_code: str
    feed_code: str
    file: str | None
    delivery_id: int | None
    rows: int | None
    """None: nobody knows, nothing came."""
    value: Mapping[str, str] | None
    """Currency -> amount as exact decimal text, of the rows whose amount can be read; `declared` -> the manifest's
    control sum over all currencies, of a file that was not read. None where neither is known."""
    since: datetime | date
    """When it was registered; of what never came, the business date."""
    why: str

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def read_outstanding(
    connection: psycopg.Connection, first: date | None, last: date | None, branch: str | None = None
) -> list[Outstanding]:
    """Everything that is in no total at the publication of the connection, in the order day, branch, feed."""
    with connection.cursor(row_factory=class_row(Outstanding)) as cursor:
        return cursor.execute(_SELECT, {"first": first, "last": last, "branch": branch}).fetchall()


_SELECT = """
with standing as (
    -- Neither superseded by a higher delivery that passed, nor by one that is held itself and judged later.
    select d.delivery_id, d.feed_code, d.org_code, d.business_date, d.data_name, d.registered_at, v.verdict_id,
        v.verdict, v.hold_rules, v.rows_held, d.control_sum
    from audit.delivery d
    join audit.delivery_verdict v using (delivery_id)
    left join audit.slice_winner w using (feed_code, org_code, business_date)
    left join audit.slice_version s on s.slice_version_id = w.slice_version_id
    where d.pairing = 'paired' and (s.place is null or d.place >= s.place)
        and (v.verdict = 'held' or d.delivery_id = s.delivery_id)
),
quarantined as (
    select q.delivery_id, count(*) as rows,
        (select array_agg(distinct rule_id order by rule_id)
            from quarantine.rejected_row x, unnest(x.rule_ids) as broken (rule_id)
            where x.delivery_id = q.delivery_id and x.state = 'open') as rules
    from quarantine.rejected_row q
    where q.state = 'open'
    group by q.delivery_id
),
quarantined_value as (
    select delivery_id, jsonb_object_agg(currency, amount::text order by currency) as value
    from (
        select delivery_id, currency, sum(amount) as amount from quarantine.rejected_row
        where state = 'open' and amount is not null and currency is not null group by 1, 2
    ) sums
    group by delivery_id
),
held_value as (
    select verdict_id, jsonb_object_agg(currency, held::text order by currency) as value
    from audit.verdict_value where held <> 0 group by verdict_id
),
waiting_value as (
    select delivery_id, jsonb_object_agg(currency, amount::text order by currency) as value
    from (
        select delivery_id, currency, sum(value_orig) as amount from (
            select delivery_id, currency, value_orig, fate from published.fct_unused_row
            union all
            select delivery_id, currency, value_orig, fate from published.fct_unused_case_row
        ) unused
        where fate = 'waiting' and value_orig is not null and currency is not null group by 1, 2
    ) sums
    group by delivery_id
),
found as (
    select 'missing' as kind, c.business_date, c.org_code, c.feed_code, null as file, null::bigint as delivery_id,
        null::bigint as rows, null::jsonb as value, c.business_date::timestamptz as since,
        '应到未到 due, nothing came' as why
    from published.fct_coverage c where c.missing = 1
    union all
    select 'held', s.business_date, s.org_code, s.feed_code, s.data_name, s.delivery_id, s.rows_held,
        coalesce(h.value, case when s.control_sum is not null then
            jsonb_build_object('declared', s.control_sum::text) end),
        s.registered_at, array_to_string(s.hold_rules, ', ')
    from standing s left join held_value h using (verdict_id) where s.verdict = 'held'
    union all
    select 'quarantined', s.business_date, s.org_code, s.feed_code, s.data_name, s.delivery_id, q.rows, v.value,
        s.registered_at, array_to_string(q.rules, ', ')
    from standing s join quarantined q using (delivery_id) left join quarantined_value v using (delivery_id)
    where s.verdict = 'accepted'
    union all
    select 'waiting', b.business_date, b.org_code, b.feed_code, b.data_name, b.delivery_id, b.rows_waiting, w.value,
        d.registered_at, '所属记录未到 what it belongs to has not come'
    from published.delivery_balance b join audit.delivery d using (delivery_id)
    left join waiting_value w using (delivery_id)
    where b.rows_waiting > 0
    union all
    select 'not_built', b.business_date, b.org_code, b.feed_code, b.data_name, b.delivery_id, b.rows_accepted, null,
        d.registered_at, 'ciq build'
    from published.delivery_balance b join audit.delivery d using (delivery_id) where b.state = 'not_built'
)
select * from found
where (%(first)s::date is null or business_date >= %(first)s) and (%(last)s::date is null or business_date <= %(last)s)
    and (%(branch)s::text is null or org_code = %(branch)s)
order by business_date, org_code, feed_code, kind, delivery_id
"""
