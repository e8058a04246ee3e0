"""Read the definitions and the published figures, and check what can be seen without a database."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ciq.errors import Place
from ciq.indicators.model import Definitions, Indicator, IndicatorError, PublishedReview, Section

FOLDER = "review"
PUBLISHED = "published"
PARAMETERS = frozenset({"year", "first_day", "last_day", "document"})

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_TEXT = re.compile(r"'[^']*'")
_CLOCK = re.compile(
    r"\b(current_date|current_time|current_timestamp|localtimestamp|now|clock_timestamp)\b", re.IGNORECASE
)
_SECTION = re.compile(r"[0-9]+_[a-z_]+\.yaml")

Read = TypeVar("Read", bound=BaseModel)


def load_definitions(contracts: Path) -> Definitions:
    """Read every `review/<n>_<section>.yaml` below the contracts' folder, in the order of the review.

    Raises IndicatorError with the file, the indicator, and what is wrong with it. No folder: no indicators.
    """
    paths = sorted(path for path in (contracts / FOLDER).glob("*.yaml") if _SECTION.fullmatch(path.name))
    sections = [_section(path) for path in paths]
    for problem in _problems(sections):
        raise IndicatorError(problem, place=Place(file=FOLDER))
    digest = hashlib.sha256(b"\0".join(path.name.encode() + b"\0" + path.read_bytes() for path in paths))
    return Definitions(sections=tuple(sorted(sections, key=lambda section: section.order)), sha256=digest.hexdigest())


def load_published(contracts: Path) -> list[PublishedReview]:
    """Read every `review/published/<document>.yaml`, by year and edition.

    Raises IndicatorError with the file, the figure, and what is wrong with it, also for a figure of an indicator that
    has no definition.
    """
    known = {indicator.id for _, indicator in load_definitions(contracts).indicators}
    found = []
    for path in sorted((contracts / FOLDER / PUBLISHED).glob("*.yaml")):
        place = Place(file=f"{FOLDER}/{PUBLISHED}/{path.name}")
        review = _validated(PublishedReview, {"document": path.stem, **_document(path, place)}, place)
        for problem in _figure_problems(review, known):
            raise IndicatorError(problem, place=place)
        found.append(review)
    for (year, edition), count in Counter((one.year, one.edition) for one in found).items():
        if count > 1:
            raise IndicatorError(
                f"Two documents are edition {edition} of {year} 两份文件版次相同",
                place=Place(file=f"{FOLDER}/{PUBLISHED}"),
            )
    return sorted(found, key=lambda one: (one.year, one.edition))


def published_of(contracts: Path, year: int) -> PublishedReview | None:
    """The document that a year is compared with: its highest edition; None when nothing was published."""
    return next((one for one in reversed(load_published(contracts)) if one.year == year), None)


def parameters_of(query: str) -> set[str]:
    """Names that a query has after a colon, outside quoted text; `::type` is none."""
    return set(_PARAMETER.findall(_TEXT.sub("''", query)))


def _section(path: Path) -> Section:
    place = Place(file=f"{FOLDER}/{path.name}")
    section = _validated(Section, _document(path, place), place)
    for indicator in section.indicators:
        for problem in problems_of(indicator):
            raise IndicatorError(f"Indicator 指标 {indicator.id}: {problem}", place=place)
    return section


def problems_of(indicator: Indicator) -> Iterator[str]:
    """What an indicator says that cannot be asked, or not be reproduced."""
    if (indicator.measure is None) != (indicator.rows is None):
        yield "`measure` and `rows` belong together 二者须同时给出"
    if indicator.kind in ("D", "B") and not (indicator.rows and indicator.feeds):
        yield f"kind {indicator.kind} is derived: say `feeds`, `rows` and `measure` 推导指标须给出数据源与查询"
    if indicator.kind == "X" and "fct_published_claim" not in indicator.marts:
        yield "kind X is a claim: its rows come from fct_published_claim 外部结论须取自 fct_published_claim"
    for measure, rows in indicator.queries:
        yield from _query_problems(measure, "measure")
        yield from _query_problems(rows, "rows")
        if not re.match(r"\s*(select|with)\b", rows, re.IGNORECASE):
            yield "rows: is no select 应为 select 查询"
    if indicator.if_accepted:
        yield from _query_problems(indicator.if_accepted, "if_accepted")
    if indicator.baseline and not set(indicator.baseline) < set(indicator.feeds):
        yield "baseline: some of `feeds`, and not all of them 基期数据源应为 feeds 的一部分"
    if indicator.baseline and indicator.if_accepted:
        yield "if_accepted: says nothing of a baseline 不适用于有基期的指标"


def _query_problems(query: str, key: str) -> Iterator[str]:
    bare = _TEXT.sub("''", query)
    for name in sorted(parameters_of(query) - PARAMETERS):
        yield f"{key}: :{name} is unknown; there are {', '.join(f':{one}' for one in sorted(PARAMETERS))} 未知参数"
    if ";" in bare:
        yield f"{key}: one statement, without a semicolon 只能有一条语句, 不带分号"
    if bare.count("(") != bare.count(")"):
        yield f"{key}: brackets do not close 括号不成对"
    if clock := _CLOCK.search(bare):
        yield f"{key}: {clock.group()} gives another figure on another day 结果随日期变化, 不可用"


def _problems(sections: Sequence[Section]) -> Iterator[str]:
    for one, count in Counter(indicator.id for section in sections for indicator in section.indicators).items():
        if count > 1:
            yield f"Indicator 指标 {one} is defined twice 重复定义"
    for order, count in Counter(section.order for section in sections).items():
        if count > 1:
            yield f"Two sections have order {order} 章节次序重复"


def _figure_problems(review: PublishedReview, known: set[int]) -> Iterator[str]:
    for one, count in Counter(figure.indicator_id for figure in review.figures).items():
        if count > 1:
            yield f"Indicator 指标 {one} has two figures 数值重复"
        if one not in known:
            yield f"Indicator 指标 {one} has no definition 无定义"
    for figure in review.figures:
        if figure.lower is not None and figure.upper is not None and figure.lower > figure.upper:
            yield f"Indicator 指标 {figure.indicator_id}: lower is above upper 下限高于上限"
        if figure.value is not None and not figure.holds(figure.value):
            yield f"Indicator 指标 {figure.indicator_id}: the value lies outside its own bounds 数值超出自身上下限"


def _document(path: Path, place: Place) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_bytes().decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())[:300]
        raise IndicatorError(f"The file is no YAML in UTF-8 文件不是 UTF-8 的 YAML: {said}", place=place) from error
    if not isinstance(document, dict):
        raise IndicatorError("The file must be keys with values 文件应为键值", place=place)
    return document


def _validated(model: type[Read], document: dict[str, Any], place: Place) -> Read:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise IndicatorError(f"The file is wrong 文件有误: {_first_of(error, document)}", place=place) from error


def _first_of(error: ValidationError, document: dict[str, Any]) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["loc"][:1] == ("indicators",) and len(first["loc"]) > 1:
        entry = document["indicators"][first["loc"][1]]
        where += f" (indicator 指标 {entry.get('id')})" if isinstance(entry, dict) else ""
    found = "" if first["type"] in ("missing", "extra_forbidden") else f", found 实为 {first['input']!r:.80}"
    said = {"extra_forbidden": "unknown key 未知键", "missing": "is missing 缺少"}.get(first["type"], first["msg"])
    return f"{where}: {said}{found}"
