"""Pages as text: whatever a value holds, it stays text."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciq.portal.pages import policy, render_load, render_loads, render_missing
from ciq.reports.load_page import DeliveryLine, HoldReason, LoadHead, LoadPage, RuleLine, ValueLine
from ciq.reports.rejects import Reject

HOSTILE = "</code><script>alert('x')</script>\"'"


def page(text: str) -> LoadPage:
    """A page whose every text is the given one."""
    head = LoadHead(
        load_id=1, run_ref=text, feed_code=text, feed_zh=text, feed_en=text, state=text, software=text,
        started_at=datetime(2010, 6, 9, 2, tzinfo=UTC), finished_at=datetime(2010, 6, 9, 3, tzinfo=UTC), error=text,
        first_day=text, last_day=text, deliveries=1, deliveries_held=1, received=3, accepted=1, quarantined=1, held=1,
    )  # fmt: skip
    reason = HoldReason(rule_id=text, message_zh=text, message_en=text, expected=text, found=text, released=True)
    delivery = DeliveryLine(
        delivery_id=1, org_code=text, org_zh=text, org_en=text, business_date=text, seq=1, data_name=text, verdict=text,
        standing=False, received=3, accepted=1, quarantined=1, held=1, reasons=(reason,),
    )  # fmt: skip
    rule = RuleLine(
        rule_id=text, severity=text, dimension=text, field=text, message_zh=text, message_en=text, sql_checked=3,
        sql_broken=1, gx_checked=2, gx_broken=0, deliveries=1,
    )  # fmt: skip
    reject = Reject(
        delivery_id=1, feed_code=text, org_code=text, business_date=date(2010, 6, 8), file=text, line=2, section=text,
        record_id=text, state=text, rule_id=text, field=text, value=text, releasable=True, message_zh=text,
        message_en=text, raw_text=text,
    )  # fmt: skip
    value = ValueLine(
        currency=text, received=Decimal(3), accepted=Decimal(1), quarantined=Decimal(1), held=Decimal(1), unreadable=0
    )
    return LoadPage(
        head=head, values=(value,), deliveries=(delivery,), rules=(rule, replace(rule, sql_broken=0)), suite_hash=text,
        rules_hash=text, rejects=(reject,), rejected_rows=1,
    )  # fmt: skip


def tags(text: str) -> list[str]:
    return re.findall(r"<[^>]*>", text)


def test_every_value_is_escaped() -> None:
    text = render_load(page(HOSTILE), up="../../")
    assert "<script" not in text
    assert text.count("&lt;script&gt;") > 30


@given(st.text(alphabet="<>&\"'{}%=a \x00\n", min_size=1, max_size=20))
def test_no_value_makes_a_tag(text: str) -> None:
    """The tags of the page are those of a harmless one; `__` in a run's name would add a link."""
    assert tags(render_load(page(text), up=None)) == tags(render_load(page("harmless"), up=None))


@pytest.mark.parametrize("run", ["manual__2010-06-08T02:00:00+08:00", "scheduled__<script>", "x__/../../evil?#"])
def test_the_link_to_the_run_stays_below_airflow(run: str) -> None:
    text = render_load(page(run), up="../../")
    (target,) = re.findall(r'href="(\.\./\.\./dags/ingest/runs/[^"]*)"', text)
    assert re.fullmatch(r"\.\./\.\./dags/ingest/runs/[A-Za-z0-9_.%~-]+", target)


def test_the_policy_names_the_style_that_stands_in_the_page() -> None:
    text = render_load(page("x"))
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"sha256-{digest}" in policy()
    assert "unsafe" not in policy()


def test_lists_and_missing_pages_escape_too() -> None:
    assert "<script" not in render_loads([page(HOSTILE).head], up="../", run_ref=HOSTILE)
    assert "<script" not in render_missing(HOSTILE, up="../")
