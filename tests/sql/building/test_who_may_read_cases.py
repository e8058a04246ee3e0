"""Of cases a branch reader sees its penalties, returns and sums of months, and nothing that tells of one dispute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from ciq.building import build, deploy
from ciq.building.marts import business_columns
from ciq.collecting.days import close_day
from ciq.database import connect
from ciq.ledger.prepare import prepare_database
from support.bureau import GOOD, Bureau
from support.cases import complaint, complaint_no, penalty, review, the
from support.hard_cases import of
from support.logins import BRANCHES, NANJING, SUZHOU, WUXI, World, add_branch_readers, remove_branch_readers
from support.workbooks import GOOD as SHEETS
from support.workbooks import send_sheets

pytestmark = pytest.mark.slow

MIGRATION = "0016_coverage_readers.sql"
CLOSED = "2010-06-30"
DUE = (date(2010, 6, 1), date(2010, 7, 31))
SENT = {NANJING: 1, SUZHOU: 2, WUXI: 3}
"""Branch -> how many of each it has; all different, so that no sum is another's by chance."""


def deliver(bureau: Bureau, branch: str, count: int) -> None:
    """Penalties, complaints, reconsiderations of June, one complaint of July, a return; a finding of F10 and of F11."""
    numbers = range(count * 10, count * 11)
    own = {"org_code": branch}
    bureau.deliver("F10", [penalty(n, 1, "DECIDED", "06-07", **own) for n in numbers], branch=branch)
    bureau.deliver(
        "F11",
        [complaint(n, 2, "ACCEPTED", "06-07", accept_flag="1", **own) for n in numbers]
        + [complaint(count * 100, 2, "ACCEPTED", "06-06", root_case_no=complaint_no(999), **own)],
        branch=branch,
    )
    bureau.deliver("F12", [review(n, 1, "FILED", "06-07", **own) for n in numbers], branch=branch)
    bureau.deliver("N12", [of(branch, GOOD["N12"])], branch=branch, day=the("06-30"))
    bureau.deliver("N01", [of(branch, GOOD["N01"])], branch=branch, day=the("06-30"))
    action = {**SHEETS["F17"]["hr_action"], **own}
    staff = [{**action, "record_id": f"a{n}", "action_no": f"{branch}RS201006{n:03d}"} for n in numbers]
    send_sheets(bureau, "F17", {"hr_action": staff}, branch=branch, day=the("06-30"))
    caught = [{**GOOD["F07"], "record_id": f"r{n}", "interception_no": f"{branch}ZW2010{n:05d}"} for n in numbers]
    bureau.deliver("F07", caught, branch=branch)
    july = complaint(count * 1000, 2, "ACCEPTED", "07-01", accept_flag="1", **own)
    bureau.deliver("F11", [july], branch=branch, day=the("07-01"))


@pytest.fixture(scope="module")
def world(make_bureau: Callable[[str], Bureau]) -> Iterator[World]:
    """Three branches and headquarters, which sends a notice; June is closed, July is not."""
    bureau = make_bureau("who-may-read-cases")
    prepare_database(bureau.settings.model_copy(update={"first_day": DUE[0], "last_day": DUE[1]}))
    add_branch_readers(bureau)
    for branch, count in SENT.items():
        deliver(bureau, branch, count)
    bureau.deliver("F18", [GOOD["F18"]], branch="320000")
    assert bureau.load().held == 0
    with connect(bureau.settings, "loader") as connection:
        close_day(connection, the("06-30"), run_ref="test")
    assert build(bureau.settings, "test").publication_no == 1
    yield World(bureau)
    remove_branch_readers(bureau)


@pytest.mark.parametrize("schema", ["published", "marts"])
def test_a_record_is_shown_where_its_fact_is(world: World, schema: str) -> None:
    """A branch reads its interceptions and their keys; of its personnel, whose fact is for the province, no key."""
    query = f"select entity, count(*)::int from {schema}.fct_record group by 1 order by 1"
    assert world.ask("nanjing", query) == [("interception", 1)]
    assert world.ask("south", query) == [("interception", 5)]
    assert world.ask("bi_reader", query) == [("hr_action", 6), ("interception", 6)]


@pytest.mark.parametrize("schema", ["published", "marts"])
@pytest.mark.parametrize(
    ("shown", "whose"),
    [
        ("org_id from {}.fct_penalties", {"nanjing": [NANJING], "south": [WUXI] * 3 + [SUZHOU] * 2}),
        ("org_id from {}.fct_legal_return", {"nanjing": [NANJING], "south": [WUXI, SUZHOU]}),
        ("org_id from {}.fct_monthly_summary", {"nanjing": [NANJING], "south": [WUXI, SUZHOU]}),
        ("org_id from {}.fct_dispute_months", {"nanjing": [NANJING] * 2, "south": [WUXI] * 2 + [SUZHOU] * 2}),
        ("notice_no from {}.fct_notice", {"nanjing": ["AQSIQ-2010-001"], "south": ["AQSIQ-2010-001"]}),
        (
            "org_code from {}.fct_coverage where received = 1 and feed_code = 'F10'",
            {"nanjing": [NANJING], "south": [WUXI, SUZHOU]},
        ),
        (
            "org_code from {}.fct_coverage where received = 1 and feed_code = 'N12'",
            {"nanjing": [NANJING], "south": [WUXI, SUZHOU]},
        ),
    ],
)
def test_a_branch_reader_sees_its_own_rows(world: World, schema: str, shown: str, whose: dict[str, list[str]]) -> None:
    query = f"select {shown.format(schema)} order by 1"
    assert {name: [row[0] for row in world.ask(name, query)] for name in BRANCHES} == whose
    everything = [row[0] for row in world.ask("bi_reader", query)]
    own = [row for rows in whose.values() for row in rows]
    assert everything == sorted(set(own) if "notice" in shown else own)


@pytest.mark.parametrize("schema", ["published", "marts"])
def test_which_day_had_disputes_is_for_the_province(world: World, schema: str) -> None:
    """Neither by the slices of F11 and F12, sent or missing, nor by findings on them."""
    query = f"select feed_code from {schema}.fct_coverage where feed_code in ('F11', 'F12') and {{}}"
    assert len(world.ask("bi_reader", query.format("received = 1"))) == 9
    assert len(world.ask("bi_reader", query.format("missing = 1"))) > 0
    marts = ("fct_finding",) if schema == "published" else ("fct_record_finding", "fct_link_finding")
    found = " union all ".join(f"select rule_id, sender_org from {schema}.{mart}" for mart in marts)
    told = {rule[:3] for rule, _ in world.ask("bi_reader", found)}
    assert told >= {"F10", "F11"}
    for name in BRANCHES:
        assert world.ask(name, query.format("true")) == []
        seen = world.ask(name, found)
        assert "F10" in {str(rule)[:3] for rule, _ in seen}
        assert not {"F11", "F12"} & {str(rule)[:3] for rule, _ in seen}
        assert {sender for _, sender in seen} == ({NANJING} if name == "nanjing" else {SUZHOU, WUXI})


@pytest.mark.parametrize("schema", ["published", "marts"])
@pytest.mark.parametrize("mart", ["fct_disputes", "fct_case_milestone", "fct_case_month_end", "fct_unused_case_row"])
def test_what_tells_of_one_dispute_is_refused(world: World, schema: str, mart: str) -> None:
    statement = f"select count(*) from {schema}.{mart}"
    assert all(world.refused(name, statement) for name in BRANCHES)
    assert not world.refused("bi_reader", statement)


@pytest.mark.parametrize("schema", ["published", "marts"])
def test_a_month_in_progress_is_not_shown(world: World, schema: str) -> None:
    """From publication to publication it would tell the day on which one was accepted."""
    query = f"""select month_end::text, matters_accepted, matters_open from {schema}.fct_dispute_months
        where case_kind = 'COMPLAINT'"""
    assert world.ask("nanjing", query) == [(CLOSED, 2, 2)]
    assert {row[0] for row in world.ask("bi_reader", query)} == {CLOSED}
    accepted = "select count(*) from published.fct_disputes where accepted_date > '2010-06-30'"
    assert world.ask("bi_reader", accepted) == [(3,)], "there is something of July"


def test_a_month_lacks_what_its_branch_owes(world: World) -> None:
    """Most slices of June never came, so its sums are provisional."""
    assert set(world.ask("south", "select completeness from published.fct_dispute_months")) == {("provisional",)}


def test_a_warehouse_of_before_gets_the_column(world: World) -> None:
    """Its rows name no branch until they are built anew; then each is shown to its branch again."""
    settings = world.settings.model_copy(update={"first_day": DUE[0], "last_day": DUE[1]})
    own = "select distinct org_code from published.fct_coverage"
    with connect(settings, "owner") as connection:
        columns = [column for column in business_columns(connection, "fct_coverage") if column != "reader_org"]
        connection.execute("alter table marts.fct_coverage drop column reader_org cascade")
        digest = f"sha256(convert_to(row({', '.join(columns)})::text, 'UTF8'))"
        connection.execute(f"update marts.fct_coverage set row_digest = {digest}".encode())
        connection.execute(f"delete from audit.migration where name = '{MIGRATION}'".encode())
    assert prepare_database(settings) == [MIGRATION]
    deploy(settings)
    assert world.ask("nanjing", own) == []
    with connect(settings, "owner") as connection:
        connection.execute(
            "insert into audit.build_queue (entity, key, reason)"
            " select 'slice', concat_ws('|', feed_code, org_code, business_date), 'test' from marts.fct_coverage"
        )
    assert build(settings, "test").publication_no == 2
    assert world.ask("nanjing", own) == [(NANJING,)]
