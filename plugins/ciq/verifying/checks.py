"""All invariants in one order, each run to its first breaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from psycopg.errors import InsufficientPrivilege, UndefinedColumn, UndefinedTable

from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.landing.store import LandingStore
from ciq.settings import Settings
from ciq.verifying import backfills, ledger, logged, reference, reviews, rights
from ciq.verifying.breach import LIMIT, Breach


@dataclass(frozen=True)
class Check:
    """One invariant: its names, and the breaches found (none: it holds)."""

    name_zh: str
    name_en: str
    breaches: tuple[Breach, ...]

    @property
    def holds(self) -> bool:
        """Whether no breach was found."""
        return not self.breaches


def readable(name_zh: str, name_en: str, run: Callable[[], Iterator[Breach]]) -> Check:
    """One invariant that reads published views: one that cannot be read as it was deployed is a breach, not an end."""
    try:
        return Check(name_zh, name_en, tuple(islice(run(), LIMIT)))
    except (InsufficientPrivilege, UndefinedTable, UndefinedColumn) as error:
        found = f"cannot be compared: {error.diag.message_primary}"
        return Check(name_zh, name_en, (Breach(invariant=name_en, place="published", found=found),))


def verify(settings: Settings, *, landing: bool = False) -> Iterator[Check]:
    """Run every invariant and yield each as it is done. Reads only, as the auditor.

    `landing`: also hash every landed content again, which reads all bytes ever received.
    """
    contracts = load_contracts(settings.contracts)
    store = LandingStore(settings.landing_root)
    with connect(settings, "auditor", autocommit=True, application="ciq verify") as connection:
        checks: list[tuple[str, str, Callable[[], Iterator[Breach]]]] = [
            ("日志链完整", "Event log is unbroken", lambda: logged.event_chain(connection)),
            ("日志副本一致", "The journal agrees with the log", lambda: logged.journal_agrees(connection, settings)),
            ("交付与日志一致", "Deliveries are as registered", lambda: logged.deliveries_as_logged(connection)),
            ("结论与日志一致", "Verdicts are as logged", lambda: logged.verdicts_as_logged(connection, store)),
            ("决定与日志一致", "Decisions are as logged", lambda: logged.decisions_as_logged(connection)),
            ("补数与日志一致", "Backfills are as logged", lambda: backfills.backfills_as_logged(connection)),
            ("冻结回顾与日志一致", "Frozen reviews are as logged", lambda: reviews.reviews_as_logged(connection)),
            (
                "收到=接受+隔离+扣留",
                "Received = accepted + quarantined + held",
                lambda: ledger.rows_balance(connection),
            ),
            ("已接受记录未被改动", "Accepted rows are unaltered", lambda: ledger.ods_rows(connection, contracts)),
            ("隔离记录状态正确", "Rejected rows have their states", lambda: ledger.reject_states(connection)),
            ("隔离记录文本与字节一致", "Rejected rows read as their bytes", lambda: ledger.reject_texts(connection)),
            ("基础数据与维表未被改动", "Reference data is as sealed", lambda: reference.sealed_rows(connection)),
            ("发布视图未被改动", "Published views are as deployed", lambda: reference.published_views(connection)),
            ("读取权限未被改动", "Rights are as deployed", lambda: rights.rights_as_deployed(connection)),
            ("分支局读者与日志一致", "Branch readers are as logged", lambda: rights.readers_as_logged(connection)),
            ("原始字节在案", "Bytes as received are kept", lambda: ledger.landing_contents(connection, store)),
            ("在用切片为最高合格交付", "Slices in force are the winners", lambda: ledger.slices_in_force(connection)),
        ]
        if landing:
            checks.append(("落地字节未被改动", "Landed bytes are unaltered", lambda: ledger.damaged_contents(store)))
        for name_zh, name_en, run in checks:
            yield Check(name_zh, name_en, tuple(islice(run(), LIMIT)))
        yield Check(
            "冻结回顾可重现",
            "Frozen reviews come out again",
            tuple(islice(reviews.reviews_reproduce(connection, settings), LIMIT)),
        )
    yield from _marts(settings)


def _marts(settings: Settings) -> Iterator[Check]:
    from ciq.building.verify_bridge import verify_bridge
    from ciq.building.verify_marts import verify_marts

    yield from verify_marts(settings)
    yield from verify_bridge(settings)
