"""Data Docs: pages of Great Expectations' results, built from the stored results, away from the load.

One writer at a time, by a file lock; pages are put in place by renaming, so a reader never sees half of one.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg.rows import class_row, dict_row

from ciq.database import connect
from ciq.quality.sanitise import body_of, neutral
from ciq.settings import Settings

if TYPE_CHECKING:
    import psycopg
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
body { font: 14px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; color: #1b2733; max-width: 1200px; margin: 24px auto; }
table { border-collapse: collapse; margin: 4px 0 16px; width: 100%; }
td, th { border: 1px solid #dfe5ea; padding: 4px 8px; text-align: left; vertical-align: top; font-size: 13px; }
a { color: #0b5c8c; }
.fa-check-circle::before { content: "\\2713"; color: #1a7f4b; }
.fa-times::before { content: "\\2717"; color: #b3261e; }
.btn, .d-none, .modal { display: none; }
.badge, code { background: #eef2f5; padding: 0 4px; border-radius: 4px; }
"""


@dataclass(frozen=True, kw_only=True)
class _Load:
    load_id: int
    feed_code: str
    run_ref: str
    started_at: datetime
    first_day: str | None
    last_day: str | None
    success: bool
    suite_hash: str


_LOADS = """
select l.load_id, l.feed_code, l.run_ref, l.started_at, v.first_day, v.last_day, x.success, x.suite_hash
from audit.load l
join (select load_id, bool_and(success) as success, max(suite_hash) as suite_hash
    from audit.rule_result where engine = 'gx' group by load_id) x using (load_id)
left join lateral (select min(d.business_date)::text as first_day, max(d.business_date)::text as last_day
    from audit.verdict w join audit.delivery d using (delivery_id) where w.load_id = l.load_id) v on true
where (%(ids)s::bigint[] = '{}' or l.load_id = any(%(ids)s))
    and (%(day)s::date is null or exists (select 1 from audit.verdict w join audit.delivery d using (delivery_id)
        where w.load_id = l.load_id and d.business_date = %(day)s))
order by l.load_id desc
"""


def build_data_docs(settings: Settings, *, business_date: date | None = None, load_ids: Sequence[int] = ()) -> Path:
    """Write the pages of these loads, of all when neither is given, and the index; returns the index's path.

    Waits while another process writes.
    """
    root = settings.home / "data_docs"
    (root / "loads").mkdir(parents=True, exist_ok=True)
    with _only_writer(root), connect(settings, "auditor", application="ciq docs") as connection:
        wanted = _loads(connection, business_date, load_ids)
        for load in wanted:
            page = _page(load, _results(connection, load.load_id))
            _put(root / "loads" / f"{load.load_id}.html", page)
        there = {int(path.stem) for path in (root / "loads").glob("*.html") if path.stem.isdigit()}
        index = [load for load in _loads(connection, None, ()) if load.load_id in there]
        _put(root / "index.html", _index(index))
    return root / "index.html"


@contextmanager
def _only_writer(root: Path) -> Iterator[None]:
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _put(path: Path, text: str) -> None:
    half = path.with_suffix(f".{os.getpid()}.part")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


def _loads(connection: psycopg.Connection, day: date | None, load_ids: Sequence[int]) -> list[_Load]:
    with connection.cursor(row_factory=class_row(_Load)) as cursor:
        return cursor.execute(_LOADS, {"day": day, "ids": list(load_ids)}).fetchall()


def _results(connection: psycopg.Connection, load_id: int) -> list[dict[str, Any]]:
    """Stored GX results of a load, each with its rule's messages."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select x.rule_id, x.success, x.rows_checked, x.rows_broken, x.detail,"
            " coalesce(r.message_zh, '') as message_zh, coalesce(r.message_en, '') as message_en"
            " from audit.rule_result x left join ref.rule r using (rule_id)"
            " where x.load_id = %s and x.engine = 'gx' order by x.success, x.rule_id",
            (load_id,),
        ).fetchall()


def _page(load: _Load, results: Sequence[dict[str, Any]]) -> str:
    from great_expectations.render.renderer import ValidationResultsPageRenderer  # type: ignore[attr-defined]
    from great_expectations.render.view import DefaultJinjaPageView  # type: ignore[attr-defined]

    expectations = [_result(one) for row in results for one in row["detail"]["expectations"]]
    document = ValidationResultsPageRenderer().render(_suite_result(load, expectations))
    body = body_of(str(DefaultJinjaPageView().render(document)))  # type: ignore[no-untyped-call]
    back = '<p><a href="../index.html">← 目录 index</a></p>'
    return _html(f"GX {load.feed_code} {load.load_id}", back + _rules(results) + body)


def _rules(results: Sequence[dict[str, Any]]) -> str:
    """GX knows columns and expectations; this says which rule each is, and what it tells people."""
    rows = "".join(
        f"<tr><td>{'✓' if row['success'] else '✗'}</td><td><code>{escape(row['rule_id'])}</code></td>"
        f"<td>{escape(row['message_zh'])}<br>{escape(row['message_en'])}</td>"
        f"<td>{row['rows_checked']:,}</td><td>{row['rows_broken']:,}</td></tr>"
        for row in results
    )
    heads = ("", "规则 rule", "说明 message", "检查 checked", "违反 broken")
    return f"<table><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>{rows}</table>"


def _result(stored: dict[str, Any]) -> ExpectationValidationResult:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    configuration = neutral(stored["expectation_config"])
    return ExpectationValidationResult(
        success=bool(stored["success"]),
        expectation_config=ExpectationConfiguration(
            type=configuration["type"],
            kwargs=configuration["kwargs"],
            severity=configuration["severity"],
        ),
        result=neutral(stored["result"], cell=True),
        exception_info={"raised_exception": False, "exception_traceback": None, "exception_message": None},
        meta={},
    )


def _suite_result(load: _Load, results: list[ExpectationValidationResult]) -> ExpectationSuiteValidationResult:
    from great_expectations.core import ExpectationSuiteValidationResult

    kept = sum(bool(result.success) for result in results)
    return ExpectationSuiteValidationResult(
        success=load.success,
        results=results,
        suite_name=neutral(f"{load.feed_code} {load.suite_hash}"),
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": kept,
            "unsuccessful_expectations": len(results) - kept,
            "success_percent": 100 * kept / len(results) if results else None,
        },
        meta={
            "run_id": {"run_name": neutral(load.run_ref, cell=True), "run_time": load.started_at.isoformat()},
            "active_batch_definition": {},
            "batch_spec": {},
        },
        batch_id=f"load {load.load_id}",
    )


def _index(loads: Sequence[_Load]) -> str:
    rows = "".join(
        f'<tr><td><a href="loads/{load.load_id}.html">{load.load_id}</a></td><td>{escape(load.feed_code)}</td>'
        f"<td>{escape(load.first_day or '')} … {escape(load.last_day or '')}</td>"
        f"<td>{'✓' if load.success else '✗'}</td><td>{escape(load.run_ref)}</td>"
        f"<td>{load.started_at:%Y-%m-%d %H:%M:%S}</td><td><code>{escape(load.suite_hash)}</code></td></tr>"
        for load in loads
    )
    heads = "".join(
        f"<th>{name}</th>"
        for name in ("装载 load", "数据源 feed", "业务日期 dates", "结果", "运行 run", "开始 started", "suite")
    )
    return _html("Great Expectations", f"<h1>Great Expectations</h1><table><tr>{heads}</tr>{rows}</table>")


def _html(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )
