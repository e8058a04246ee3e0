"""What the docs show is there: commands and their options, make targets, settings, links, rule ids, tables, words."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import typer

from ciq.cli.app import app
from ciq.collecting.manifest import contradictions, read_manifest
from ciq.collecting.names import parse_name
from ciq.contracts import load_contracts
from ciq.loading.decode import read_header
from ciq.settings import PROJECT_ROOT, Settings

DOCS = sorted(
    [PROJECT_ROOT / "README.md", PROJECT_ROOT / "expectations" / "README.md", *(PROJECT_ROOT / "docs").rglob("*.md")]
)
COMPILED = PROJECT_ROOT / "docs" / "data-dictionary.md"
READERS = ["engineer.md", "analyst.md", "auditor.md", "feeds.md", "runbook.md", "glossary.md", "calibres.md"]

_SHAPE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_RULE = re.compile(r"`((?:F\d{2}|D|S)-[a-z][A-Za-z0-9_]*(?:-[a-z_]+)?)`")
_TABLE = re.compile(r"(?<![\w./-])(?:published|audit|quarantine|ref)\.([a-z_]+)")
_FACT = re.compile(r"\b(?:fct|dim|agg)_[a-z_]+")
_MAKE = re.compile(r"(?<![\w./-])make ([a-z]+(?:-[0-9]+)?)")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _blocks(path: Path, *languages: str) -> list[str]:
    return [body for language, body in _SHAPE.findall(_text(path)) if language in languages]


def _code(path: Path) -> Iterator[str]:
    """Lines of shell blocks, and code within lines."""
    for block in _blocks(path, "bash"):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", _SHAPE.sub("", _text(path)))


def _shown_commands(path: Path) -> Iterator[list[str]]:
    for line in _code(path):
        words = line.split("  #", 1)[0].strip().removeprefix(".venv/bin/")
        if words.startswith("ciq ") and "…" not in words:
            yield shlex.split(words.split(" > ", 1)[0])[1:]


def _click() -> typer.core.TyperGroup:
    command = typer.main.get_command(app)
    assert isinstance(command, typer.core.TyperGroup)
    return command


def _problem_of(words: list[str]) -> str | None:
    """What `ciq` would not understand of a shown command line."""
    command: object = _click()
    rest = [word for word in words if word not in ("--verbose", "-v")]
    while rest and hasattr(command, "commands"):
        name = rest.pop(0)
        command = command.commands.get(name)
        if command is None:
            return f"there is no command {name}"
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [word for word in rest if word.startswith("--") and word not in known | {"--help"}]
    return f"no such option: {', '.join(unknown)}" if unknown else None


def test_there_is_something_to_check() -> None:
    assert {path.name for path in DOCS} >= set(READERS)
    assert sum(len(list(_shown_commands(path))) for path in DOCS) > 60
    assert len(list((PROJECT_ROOT / "docs" / "adr").glob("[0-9]*.md"))) >= 10


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(PROJECT_ROOT).as_posix())
def test_each_command_shown_exists_with_its_options(path: Path) -> None:
    found = {" ".join(words): _problem_of(words) for words in _shown_commands(path)}
    assert {line: problem for line, problem in found.items() if problem} == {}


def test_a_command_that_does_not_exist_is_noticed() -> None:
    assert _problem_of(["hold", "forget", "1"]) == "there is no command forget"
    assert _problem_of(["load", "--yesterday"]) == "no such option: --yesterday"


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(PROJECT_ROOT).as_posix())
def test_each_make_target_shown_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+(?:-[0-9]+)?):", _text(PROJECT_ROOT / "Makefile"), re.MULTILINE))
    shown = {target for line in _code(path) for target in _MAKE.findall(line)}
    assert shown - targets == set()


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _SHAPE.sub("", _text(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(PROJECT_ROOT).as_posix())
def test_each_internal_link_leads_somewhere(path: Path) -> None:
    broken = []
    for link in _LINK.findall(_SHAPE.sub("", _text(path))):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(PROJECT_ROOT).as_posix())
def test_each_rule_named_is_in_the_contracts(path: Path) -> None:
    rules = {rule.id for rule in load_contracts(PROJECT_ROOT / "expectations").rules()}
    assert set(_RULE.findall(_text(path))) - rules == set()


def test_the_auditors_table_of_findings_is_that_of_the_contracts() -> None:
    rules = [rule for rule in load_contracts(PROJECT_ROOT / "expectations").rules() if rule.scope == "build"]
    expected = [f"| `{rule.id}` | {rule.severity} | {rule.message_zh} | {rule.message_en} |" for rule in rules]
    told = _text(PROJECT_ROOT / "docs" / "auditor.md").splitlines()
    assert [line for line in told if re.match(r"\| `[A-Z]\d\d-", line)] == expected


def test_the_auditors_table_of_readers_has_each_view_once() -> None:
    """But dimensions, which it names together where nothing else is said of one."""
    rows = _text(PROJECT_ROOT / "docs" / "auditor.md").partition("| published 发布视图 |")[2].partition("\n\n")[0]
    named = re.findall(r"`([a-z]+_[a-z_]+)`", " ".join(row.split("|")[1] for row in rows.splitlines()[2:]))
    folder = PROJECT_ROOT / "dbt_project" / "models" / "published"
    views = {path.stem.removeprefix("published__") for path in folder.glob("*.sql")}
    assert sorted(name for name in named if name[:4] != "dim_") == sorted(name for name in views if name[:4] != "dim_")
    assert len(named) == len(set(named))


def test_feeds_tells_what_to_do_about_each_rule_on_deliveries_and_shapes() -> None:
    told = set(_RULE.findall(_text(PROJECT_ROOT / "docs" / "feeds.md")))
    rules = load_contracts(PROJECT_ROOT / "expectations").rules()
    assert {rule.id for rule in rules if rule.id.startswith(("D-", "S-"))} - told == set()


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(PROJECT_ROOT).as_posix())
def test_each_table_named_exists(path: Path) -> None:
    views = {p.stem.removeprefix("published__") for p in (PROJECT_ROOT / "dbt_project/models/published").glob("*.sql")}
    migrations = "".join(map(_text, (PROJECT_ROOT / "plugins/ciq/ledger/migrations").glob("*.sql")))
    ledger = set(re.findall(r"create (?:table|view|function) (?:audit|quarantine|ref|published)\.(\w+)", migrations))
    assert ledger
    facts = set(_FACT.findall(_text(path))) - {"dim_", "fct_", "agg_"}
    assert facts - views == set()
    assert set(_TABLE.findall(_text(path))) - views - ledger - {"as_of"} == set()


def test_readme_lists_each_setting() -> None:
    shown = set(re.findall(r"`(CIQ_[A-Z_]+)`", _text(PROJECT_ROOT / "README.md")))
    settings = {f"CIQ_{name.upper()}" for name in Settings.model_fields}
    assert shown == settings


def test_the_index_of_decisions_lists_each_page() -> None:
    folder = PROJECT_ROOT / "docs" / "adr"
    listed = set(re.findall(r"\((\d{4}-[a-z-]+\.md)\)", _text(folder / "README.md")))
    assert listed == {path.name for path in folder.glob("[0-9]*.md")}


def test_each_word_of_the_glossary_is_used_and_said_in_both_languages() -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", _text(PROJECT_ROOT / "docs/glossary.md"), re.MULTILINE
    )
    words = [row for row in rows if row[0] != "word" and not row[0].startswith("-")]
    assert len(words) > 40
    sources = [p for folder in ("plugins/ciq", "expectations", "dbt_project/models") for p in _sources(folder)]
    code = " ".join(_text(path).lower().replace("_", " ").replace("-", " ") for path in sources)
    for word, zh, *_ in words:
        variants = [part.strip().lower().replace("_", " ").replace("-", " ") for part in word.split("/")]
        assert all(variant in code for variant in variants), f"{word} is in the glossary and not in the code"
        assert re.search(r"[\u4e00-\u9fff]", zh), f"{word} has no Chinese name"


def _sources(folder: str) -> list[Path]:
    return [p for p in (PROJECT_ROOT / folder).rglob("*") if p.suffix in {".py", ".sql", ".yml", ".yaml", ".html"}]


def test_the_docs_say_nothing_of_one_machine() -> None:
    for path in DOCS:
        assert not re.search(r"/(?:root|home|work)/|/tmp/(?!rejects|org)", _text(path)), path


def test_the_example_delivery_is_made_as_shown(tmp_path: Path) -> None:
    """The shell block of docs/feeds.md gives three pairs that the manifest reader has nothing against."""
    script = next(block for block in _blocks(PROJECT_ROOT / "docs" / "feeds.md", "bash") if "put F01" in block)
    subprocess.run(["bash", "-eu", "-c", script], cwd=tmp_path, env=_plain(tmp_path), check=True, timeout=60)
    outbox = tmp_path / "outbox"
    contracts = load_contracts(PROJECT_ROOT / "expectations")
    orgs = frozenset({"320100", "320110"})
    for feed in ("F01", "F02", "F03"):
        name = f"{feed}_320100_20100610_01.csv"
        manifest_path = outbox / name.replace(".csv", ".manifest.csv")
        parsed = parse_name(manifest_path.name)
        contract = contracts.effective(feed, date(2010, 6, 10))
        assert parsed
        assert contract
        manifest = read_manifest(manifest_path.read_bytes(), contracts.manifest, orgs)
        assert manifest.problems == ()
        assert contradictions(manifest, parsed.stem, data_name=name, sender="320100") == []
        columns = tuple(column.name for column in contract.main.file_columns)
        with (outbox / name).open("rb") as file:
            assert read_header(file, encoding="GB18030", delimiter=",", columns=columns).has_tail
        assert manifest.number("bytes") == (outbox / name).stat().st_size
    shown = next(block for block in _blocks(PROJECT_ROOT / "docs" / "feeds.md", "") if block.startswith("feed_code"))
    assert (outbox / "F01_320100_20100610_01.manifest.csv").read_text(encoding="utf-8") == shown


def _plain(tmp_path: Path) -> dict[str, str]:
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "OUTBOX": str(tmp_path / "outbox"), "LC_ALL": "C.UTF-8"}
