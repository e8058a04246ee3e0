"""The charts of a review as Plotly figures, and the script that draws them; nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ciq.reviewing.series import Series

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

INK, SOFT, LINE, ACCENT, WARM, GOOD = "#1b2733", "#5b6b7a", "#dfe5ea", "#0b5c8c", "#d9822b", "#1a7f4b"
_FONT = 'system-ui, "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif'


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One chart: its place on the page, its title, and its figure as JSON that may stand within a script element."""

    id: str
    title_zh: str
    title_en: str
    figure: str


@lru_cache(maxsize=1)
def plotly_script() -> str:
    """Plotly's JavaScript, as its package brings it."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def review_charts(series: Series) -> Sequence[Chart]:
    """Volume and penalties by month, volume and the share of non-conforming lots by branch."""
    branches = ("批次与不合格率, 按统计分支局", "Lots and non-conforming share by branch")
    return (
        _chart("by-month", "批次与货值, 按月", "Lots and value by month", _by_month(series)),
        _chart("penalties", "行政处罚, 按月", "Penalties by month", _penalties(series)),
        _chart("by-branch", *branches, _by_branch(series)),
    )


def _chart(identity: str, zh: str, en: str, figure: Figure) -> Chart:
    # In a script element only `</` ends it; as an escape the JSON is the same.
    return Chart(id=identity, title_zh=zh, title_en=en, figure=figure.to_json().replace("<", "\\u003c"))


def _layout(**more: Any) -> dict[str, Any]:
    return {
        "height": 320,
        "margin": {"l": 60, "r": 60, "t": 16, "b": 40},
        "font": {"family": _FONT, "size": 12, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "y": 1.12, "x": 0},
        "hovermode": "x unified",
        "bargap": 0.35,
        "xaxis": {"type": "category", "fixedrange": True, "linecolor": LINE},
        **more,
    }


def _axis(title: str, **more: Any) -> dict[str, Any]:
    return {"title": {"text": title}, "rangemode": "tozero", "gridcolor": LINE, "fixedrange": True, **more}


def _by_month(series: Series) -> Figure:
    from plotly import graph_objects as go

    months = [f"{one.month.month}月" for one in series.months]
    millions = [None if one.value_usd is None else float(one.value_usd / 1_000_000) for one in series.months]
    return go.Figure(
        data=[
            go.Bar(name="批次 lots", x=months, y=[one.lots for one in series.months], marker={"color": ACCENT}),
            go.Scatter(
                name="货值 value",
                x=months,
                y=millions,
                yaxis="y2",
                mode="lines+markers",
                line={"color": WARM, "width": 2},
                hovertemplate="US$ %{y:,.1f} M",
            ),
        ],
        layout=_layout(
            yaxis=_axis("批次 lots", tickformat=","),
            yaxis2=_axis(
                "百万美元 US$ M", overlaying="y", side="right", showgrid=False, tickmode="auto", tickformat=","
            ),
        ),
    )


def _by_branch(series: Series) -> Figure:
    from plotly import graph_objects as go

    names = [one.name_zh for one in series.branches]
    shares = [100 * one.nonconforming / one.lots if one.lots else None for one in series.branches]
    counts = [f"{one.nonconforming:,} / {one.lots:,}" for one in series.branches]
    return go.Figure(
        data=[
            go.Bar(name="批次 lots", x=names, y=[one.lots for one in series.branches], marker={"color": ACCENT}),
            go.Scatter(
                name="不合格率 non-conforming",
                x=names,
                y=shares,
                customdata=counts,
                yaxis="y2",
                mode="markers",
                marker={"color": WARM, "size": 9},
                hovertemplate="%{y:.2f} % (%{customdata})",
            ),
        ],
        layout=_layout(
            yaxis=_axis("批次 lots", tickformat=","),
            yaxis2=_axis("不合格率 share (%)", overlaying="y", side="right", showgrid=False, tickmode="auto"),
            xaxis={"type": "category", "fixedrange": True, "linecolor": LINE, "tickangle": -45},
            margin={"l": 60, "r": 60, "t": 16, "b": 70},
        ),
    )


def _penalties(series: Series) -> Figure:
    from plotly import graph_objects as go

    months = [f"{one.month.month}月" for one in series.months]
    steps = (("立案 filed", "filed", SOFT), ("决定 decided", "decided", ACCENT), ("结案 closed", "closed", GOOD))
    return go.Figure(
        data=[
            go.Bar(name=name, x=months, y=[getattr(one, step) for one in series.months], marker={"color": colour})
            for name, step, colour in steps
        ],
        layout=_layout(yaxis=_axis("案件 cases", tickformat=","), barmode="group"),
    )
