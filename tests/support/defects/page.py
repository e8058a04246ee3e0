"""docs/defects.md: what each defect was seen to end in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ciq.collecting.answer import STATES as TOLD
from support.defects.advice import STATES, advice
from support.defects.comparing import usual_findings
from support.defects.forms import comes_as_xml
from support.defects.model import Defect, Observed, Section, Trial
from support.defects.trying import Tried

RENEW = "CIQ_TEST_RENEW_DOCS=1 .venv/bin/python -m pytest -n 0 tests/sql/building/test_defects.py"

SECTIONS: Mapping[Section, str] = {
    "file": "The data file 数据文件",
    "shape": "Records and their shape 记录的形式",
    "cell": "Cells 单元格",
    "form": "XML",
    "manifest": "The manifest 清单",
    "delivery": "On the way 传输与配对",
    "history": "Several records together 多条记录之间",
}

_HEAD = """# What each defect ends in 各类缺陷的结果

Written by a test that tries each defect on each feed, in a warehouse of its own; do not edit. To renew it:
本页由测试逐一实测生成, 请勿手工修改。重新生成:

```bash
{renew}
```

Tried on {feeds}: {trials} deliveries of {defects} kinds. 共在 {feeds} 上实测 {defects} 类、{trials} 份报送。

- Where nothing else is said, all feeds end alike. A defect that a feed cannot have, because its contract has no such
  column or rule, is marked *not* and the feed, or *only* and those that can have it.
  未注明者各数据源相同; "not 无" 表示该数据源不会有此情形, "only 仅" 表示仅这些数据源会有。
- Where others quarantine a record, {strict} are held whole, because their reject limit is 0.
  {strict} 的拒收限为 0, 其他数据源隔离记录之处, 这些数据源整批扣留。
- All feeds of one record type are tried as delimited text, which any manifest may declare; workbooks of several sheets
  have tests of their own. {xml} comes as XML, and is tried as that too, [below](#xml).
  单一记录类型的数据源均以分隔文本实测, 多工作表的数据源另行测试; {xml} 以 XML 报送, 另以 XML 实测。
- *Accepted*: all records are in force. *Quarantined*: that record is kept out, the others are in force. *Held*: nothing
  of the delivery is in force. *Unpaired*: files that make up no delivery (yet). *Finding*: accepted, and the build
  tells of it. 接受: 全部记录有效; 隔离: 仅该记录不计入; 扣留: 整批不计入;
  未配对: 尚不成一份报送; 问题: 已接受, 构建时提示。
- Rules of columns are shown by their ending: `-type` is `F01-total_value-type` for the amount of F01; findings without
  their feed. All rules:
  [held and quarantined](feeds.md#held-rules-on-deliveries), [by column](data-dictionary.md). 字段规则只写其后缀。
- The message is the one in the receipt; of rules by column, the first feed's. 说明为回执原文, 字段规则取首个数据源。
- Whatever a defect ends in, received = accepted + quarantined + held for each of these deliveries, and `ciq verify`
  held after them all. 每份报送均满足: 收到 = 接受 + 隔离 + 扣留。
"""

_OUTCOMES = {
    "accepted": "accepted 接受",
    "quarantined": "quarantined 隔离",
    "held": "held 扣留",
    "unpaired": "unpaired 未配对",
    "finding": "finding 问题",
}
_UNPAIRED = {
    "data_only": "data alone 缺清单",
    "manifest_only": "manifest alone 缺数据",
    "other_data": "the new data 新数据",
    "unreadable_name": "name 文件名",
}
_OTHER = {"superseded": "superseded 被取代", "withdrawal": "withdrawal 撤回", "withdrawn": "withdrawn 已退回"}

Cells = dict[str, str]


def render(tried: Tried, defects: Sequence[Defect]) -> str:
    """The page as Markdown."""
    feeds = [contract.feed_code for contract in tried.contracts.feeds]
    strict = [contract.feed_code for contract in tried.contracts.feeds if not contract.reject_limit.rows]
    xml = [contract.feed_code for contract in tried.contracts.feeds if comes_as_xml(contract)]
    head = {"renew": RENEW, "feeds": ", ".join(feeds), "strict": ", ".join(strict), "xml": ", ".join(xml)}
    parts = [_HEAD.format(**head, trials=len(tried.trials), defects=len(defects))]
    for section, title in SECTIONS.items():
        rows = [_row(defect, tried, feeds) for defect in defects if defect.section == section]
        columns = [name for name in _OUTCOMES if any(name in row for row in rows)]
        heads = ["defect 缺陷", *(_OUTCOMES[name] for name in columns), "message 说明", "what to do 怎么办"]
        parts += [f"## {title}\n", f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
        order = ["defect", *columns, "message", "advice"]
        parts += [f"| {' | '.join(_escaped(row.get(name, '')) for name in order)} |" for row in rows]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _row(defect: Defect, tried: Tried, feeds: Sequence[str]) -> Cells:
    of = tried.of(defect)
    never = [feed for feed in feeds if feed not in of]
    row = {"defect": f"{defect.en}<br>{defect.zh}{_never(never, list(of))}"}
    outcomes: dict[tuple[str, str], list[str]] = {}
    for feed, (trial, observed) in of.items():
        for outcome in dict.fromkeys(_outcomes(trial, observed, usual_findings(tried, feed))):
            outcomes.setdefault(outcome, []).append(feed)
    for (column, text), those in outcomes.items():
        said = f"{text}{_those(those, list(of))}"
        row[column] = f"{row[column]}<br>{said}" if column in row else said
    states = {one.state for _, observed in of.values() for one in observed}
    rules = {rule for trial, _ in of.values() for rule in trial.ends.rules}
    if "quarantined" in states:  # a feed that bears no broken record differs in this alone, and the row says so
        rules.discard("D-reject_limit")
    findings = {rule for trial, _ in of.values() for rule in trial.ends.findings}
    said_of_states = [f"{en}<br>{zh}" for state in sorted(states & STATES.keys()) for zh, en in [TOLD[state]]]
    row["message"] = "<br>".join(dict.fromkeys([*said_of_states, *_messages(of, rules | findings, tried)]))
    zh, en = advice(states, rules, findings)
    row["advice"] = f"{en}<br>{zh}"
    return row


def _never(never: Sequence[str], of: Sequence[str]) -> str:
    """Which feeds cannot have it, or which alone can: what is shorter."""
    if not never:
        return ""
    return f"<br>(only 仅: {', '.join(of)})" if len(of) < len(never) else f"<br>(not 无: {', '.join(never)})"


def _those(feeds: Sequence[str], of: Sequence[str]) -> str:
    """Which feeds, unless all."""
    others = [feed for feed in of if feed not in feeds]
    if not others:
        return ""
    return f" ({', '.join(feeds)})" if len(feeds) <= len(others) else f" (not 除外: {', '.join(others)})"


def _outcomes(trial: Trial, observed: Sequence[Observed], usual: frozenset[str]) -> Iterator[tuple[str, str]]:
    """(column of the page, what to say there) for each delivery."""
    for one in observed:
        if one.state in _UNPAIRED:
            yield "unpaired", f"{_UNPAIRED[one.state]}: {_named(one.rules)}"
        elif one.state in ("held", "withdrawal") or one.holds:
            note = f" ({_OTHER[one.state]})" if one.state in _OTHER else ""
            yield "held", _named(one.holds) + note
        elif one.state == "quarantined":
            more = ", …" if trial.ends.any_rule else ""
            yield "quarantined", _named(trial.ends.rules & one.rules) + more
        else:
            yield "accepted", _OTHER.get(one.state, "✓")
    if not observed:
        yield "unpaired", "not looked at 不予读取"
    findings = frozenset().union(*(one.findings for one in observed))
    if found := (findings & trial.ends.findings) - usual:
        yield "finding", ", ".join(f"`{rule[3:]}`" for rule in sorted(found))


def _named(rules: Iterable[str]) -> str:
    return ", ".join(f"`{_ending(rule)}`" for rule in sorted(rules))


def _ending(rule: str) -> str:
    """A rule of a column by its ending: D-hash, but -type."""
    return rule if rule.startswith(("D-", "S-")) else re.sub("^[A-Z][0-9]{2}(-.*)?-", "-", rule)


def _messages(of: Mapping[str, tuple[Trial, Sequence[Observed]]], rules: set[str], tried: Tried) -> Iterator[str]:
    """What the receipts tell of these rules, each ending once; of findings, what the contract says."""
    seen = set()
    for feed, (trial, observed) in of.items():
        told = {rule: message for one in observed for rule, message in one.told.items()}
        contract = next(contract for contract in tried.contracts.feeds if contract.feed_code == feed)
        told |= {rule.id: (rule.message_zh, rule.message_en) for rule in contract.main.table_rules if rule.id in rules}
        for rule, (zh, en) in told.items():
            is_asked = rule in rules or rule.startswith("F00") or rule == "D-manifest"
            if is_asked and not trial.ends.findings - {rule} and _ending(rule) not in seen:
                seen.add(_ending(rule))
                yield _anywhere(f"{en}<br>{zh}", trial)


def _anywhere(message: str, trial: Trial) -> str:
    """Without the slice that the trial had, which is nobody's concern."""
    return re.sub("[A-Z][0-9]{2}_[0-9]{6}_[0-9]{8}_[0-9]{2}", "{feed}_{org6}_{yyyymmdd}_{seq2}", message).replace(
        f"({trial.org})", "({org6})"
    )
