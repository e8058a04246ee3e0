"""A review on a terminal: a table per section, in the order of the review."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from ciq.reviewing.model import EvidenceFigure, IndicatorResult, Review

Lang = Literal["zh", "en", "both"]

_MARKS = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("·", "dim")}


def plain_number(value: Decimal | None) -> str:
    """With thousands separators and all its digits."""
    return "–" if value is None else f"{value:,f}"


def said(zh: str | None, en: str | None, lang: Lang, *, between: str = "\n") -> str:
    """A text in one language, or both."""
    wanted = {"zh": (zh,), "en": (en,), "both": (zh, en)}[lang]
    return between.join(text for text in wanted if text)


def unit(one: IndicatorResult, lang: Lang = "both") -> str:
    """The unit of a figure; nothing where there is none."""
    if one.unit_zh == one.unit_en:
        return one.unit_zh.strip("-")
    return said(one.unit_zh, one.unit_en, lang, between=" ")


def bounds(one: IndicatorResult) -> str:
    """`a … b`, `≥ a`, `≤ b`, the one value that is meant, or nothing."""
    lower, upper = one.lower_bound, one.upper_bound
    if lower is None and upper is None:
        return ""
    if lower == upper:
        return f"= {plain_number(lower)}"
    if upper is None:
        return f"≥ {plain_number(lower)}"
    return f"≤ {plain_number(upper)}" if lower is None else f"{plain_number(lower)} … {plain_number(upper)}"


def summary(review: Review, lang: Lang = "both") -> str:
    """One line: how many bounded figures pass, fail and cannot be said yet."""
    passing, bounded, failing = len(review.passing), len(review.bounded), len(review.failing)
    silent = len(review.silent)
    part = bounded - passing - failing - silent
    kinds = {kind: sum(one.kind == kind for one in review.indicators) for kind in ("X", "N")}
    return said(
        f"有界推导指标 {bounded} 项, 通过 {passing}, 不符 {failing}, 尚无数值 {silent}"
        f"{f', 年度未满不作比较 {part}' if part else ''};"
        f" 外部结论 {kinds['X']}, 叙述 {kinds['N']}",
        f"{passing} of {bounded} bounded D and B figures pass; {failing} fail, {silent} without a value"
        f"{f', {part} not compared, of part of the year' if part else ''};"
        f" {kinds['X']} claims, {kinds['N']} narrative",
        lang,
    )


def render_review(review: Review, lang: Lang = "both") -> Group:
    """The whole review."""
    tables = [
        _section(said(section.name_zh, section.name_en, lang, between=" "), _of(review, section.id), lang)
        for section in review.sections
    ]
    return Group(Text(heading(review, lang)), *tables, Text(summary(review, lang), style="bold"))


def heading(review: Review, lang: Lang = "both") -> str:
    """Year, publication and document."""
    promoted = review.as_of.promoted_at
    at = f" ({promoted:%Y-%m-%d %H:%M})" if promoted else ""
    number = review.as_of.publication_no
    against_zh, against_en = (f", 对照 {review.document}", f", compared with {review.document}")
    return said(
        f"{review.year} 年度回顾, 截至 {review.last_day}, 发布号 {number}{at}{against_zh if review.document else ''}",
        f"review of {review.year} to {review.last_day}, publication {number}{at}"
        f"{against_en if review.document else ''}",
        lang,
    )


def _of(review: Review, section: str) -> list[IndicatorResult]:
    return [one for one in review.indicators if one.section == section]


def _section(title: str, results: Sequence[IndicatorResult], lang: Lang) -> Table:
    def label(zh: str, en: str) -> str:
        return said(zh, en, lang, between=" ")

    table = Table(
        *(Column(label("", "no."), justify="right"), Column("", justify="center"), label("指标", "indicator")),
        *(Column(label("推导", "derived"), justify="right"), Column(label("公布", "published"), overflow="fold")),
        *(Column(label("未入统计", "open"), justify="right"), Column(label("说明", "remarks"), overflow="fold")),
        title=title,
        title_justify="left",
    )
    for one in results:
        mark, style = _MARKS[one.passes]
        published = f"{one.published_text or ''}\n{bounds(one)}".strip()
        table.add_row(
            *(Text(str(one.indicator_id)), Text(mark, style=style), Text(said(one.name_zh, one.name_en, lang))),
            *(
                Text(f"{plain_number(one.derived)}\n{unit(one, lang)}".strip()),
                Text(published),
            ),
            *(Text(_open(one, lang)), Text(_remarks(one, lang))),
        )
    return table


def _open(one: IndicatorResult, lang: Lang) -> str:
    if one.exposure is None:
        return ""
    rows = f"{one.exposure.rows:,} {said('行', 'rows', lang, between=' ')}" if one.exposure.rows else ""
    missing = f"{one.exposure.missing:,} {said('缺报', 'missing', lang, between=' ')}" if one.exposure.missing else ""
    return "\n".join(text for text in (rows, missing) if text)


def _remarks(one: IndicatorResult, lang: Lang) -> str:
    lines = [said(one.reason_zh, one.reason_en, lang)]
    # What lacks the figure's own table lacks that of its evidence for the same reason.
    lines += [_evidence(each, lang) for each in one.evidence if not (each.reason_en and one.state == "unavailable")]
    if one.exposure and one.exposure.if_all_accepted is not None and one.exposure.if_all_accepted != one.derived:
        label = said("全部接受后至多", "at most, if all were accepted", lang, between=" ")
        lines.append(f"{label} {plain_number(one.exposure.if_all_accepted)}")
    if one.drift.since_frozen:
        label = said(
            f"较冻结回顾 {one.drift.review_no}", f"since frozen review {one.drift.review_no}", lang, between=" "
        )
        lines.append(f"{label} {one.drift.since_frozen:+,f}")
    return "\n".join(line for line in lines if line)


def _evidence(one: EvidenceFigure, lang: Lang) -> str:
    name = said(one.name_zh, one.name_en, lang, between=" ")
    if one.reason_en:
        return f"{name}: {said(one.reason_zh, one.reason_en, lang, between=' ')}"
    return f"{name}: {plain_number(one.value)}"
