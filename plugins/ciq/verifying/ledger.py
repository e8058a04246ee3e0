"""Invariants of the ledger, of ods, of quarantine and of landing. Each check yields the breaches it finds, in order."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql

from ciq.contracts.model import Contract, ContractSet, RecordType
from ciq.contracts.tables import ods_table, row_digest, slice_digest
from ciq.landing.store import LandingStore
from ciq.ledger.layouts import columns_of, digest_by_layout, layouts_of
from ciq.loading.decode import CODECS, readable_text
from ciq.plain import line_in
from ciq.verifying.breach import LIMIT, Breach


def rows_balance(connection: psycopg.Connection) -> Iterator[Breach]:
    """Law 1: received = accepted + quarantined + held, and each of these can be counted where it is kept."""
    rows = connection.execute(
        "select d.data_name, v.verdict_id, v.rows_accepted, coalesce(s.rows, 0), v.rows_quarantined, count(q.*)"
        " from audit.verdict v join audit.delivery d using (delivery_id)"
        " left join audit.slice_version s using (verdict_id)"
        " left join quarantine.rejected_row q on q.verdict_id = v.verdict_id"
        " where v.verdict = 'accepted' group by 1, 2, 3, 4, 5"
        " having v.rows_accepted <> coalesce(s.rows, 0) or v.rows_quarantined <> count(q.*) order by 2 limit %s",
        (LIMIT,),
    )
    for name, verdict_id, accepted, stored, quarantined, kept in rows:
        yield Breach(
            invariant="received = accepted + quarantined + held",
            place=f"audit.verdict {verdict_id} ({name})",
            found=f"accepted {accepted}, in ods {stored}; quarantined {quarantined}, in quarantine {kept}",
        )
    yield from _value_balance(connection)


def _value_balance(connection: psycopg.Connection) -> Iterator[Breach]:
    rows = connection.execute(
        "select x.verdict_id, d.data_name, x.currency, x.quarantined, coalesce(sum(q.amount), 0)"
        " from audit.verdict_value x"
        " join audit.verdict v using (verdict_id) join audit.delivery d using (delivery_id)"
        " left join quarantine.rejected_row q on q.verdict_id = x.verdict_id and v.verdict = 'accepted'"
        "  and case when length(q.currency) = 3 then q.currency else 'XXX' end = x.currency"
        " group by 1, 2, 3, 4 having x.quarantined <> coalesce(sum(q.amount), 0) order by 1 limit %s",
        (LIMIT,),
    )
    for verdict_id, name, currency, expected, found in rows:
        yield Breach(
            invariant="value received = accepted + quarantined + held",
            place=f"audit.verdict_value {verdict_id} {currency} ({name})",
            found=f"quarantined {expected}, in quarantine {found}",
        )


def ods_rows(connection: psycopg.Connection, contracts: ContractSet) -> Iterator[Breach]:
    """No accepted row was altered, added or removed since its acceptance."""
    for contract in contracts.feeds:
        for position, record_type in enumerate(contract.record_types, start=1):
            yield from _altered_rows(connection, record_type, position)
        yield from _altered_slices(connection, contract)


def _altered_rows(connection: psycopg.Connection, record_type: RecordType, position: int) -> Iterator[Breach]:
    """Each row against its digest, over the columns that its slice version was accepted with.

    `position`: of the record type in its contract, and so of its layout in a slice version; it never changes.
    """
    columns = set(columns_of(connection, f"ods.{record_type.table}"))
    digests: dict[str, sql.Composable] = {
        layout: row_digest(record_type, names, "o")
        for layout, names in layouts_of(connection, f"ods.{record_type.table}").items()
        if columns.issuperset(names)
    }
    rows = connection.execute(
        sql.SQL(
            "select coalesce(d.data_name, 'of an unknown delivery'), o.line_no, o.business_date, o.sender_org"
            " from {ods} o"
            " left join audit.slice_version s using (slice_version_id)"
            " left join audit.delivery d on d.delivery_id = s.delivery_id"
            " where o.row_digest is distinct from {digest} or o.delivery_id is distinct from s.delivery_id"
            " order by o.delivery_id, o.line_no limit {limit}"
        ).format(
            ods=ods_table(record_type),
            digest=digest_by_layout(digests, sql.SQL("s.layouts[{}]").format(sql.Literal(position))),
            limit=sql.Literal(LIMIT),
        )
    )
    for name, line, day, branch in rows:
        yield Breach(
            invariant="ods rows are never updated",
            place=f"ods.{record_type.table}, branch {branch}, business date {day}, file {name},"
            f" line {line_in(record_type.section, line)}",
            found="its values are not those that were accepted",
        )


def _altered_slices(connection: psycopg.Connection, contract: Contract) -> Iterator[Breach]:
    """Each slice version against its rows, over the tables of all record types."""
    tables = [ods_table(record_type) for record_type in contract.record_types]
    rows = connection.execute(
        sql.SQL(
            "select s.slice_version_id, d.data_name, s.rows, coalesce(o.rows, 0) from audit.slice_version s"
            " join audit.delivery d using (delivery_id) left join (select slice_version_id, count(*) as rows,"
            " {digest} as digest from ({rows}) rows group by 1) o using (slice_version_id)"
            " where s.feed_code = {feed}"
            " and (s.rows, s.digest) is distinct from (coalesce(o.rows, 0), coalesce(o.digest, '0:0'))"
            " order by 1 limit {limit}"
        ).format(
            digest=slice_digest(sql.Identifier("row_digest")),
            rows=sql.SQL(" union all ").join(
                sql.SQL("select slice_version_id, row_digest from {}").format(table) for table in tables
            ),
            feed=sql.Literal(contract.feed_code),
            limit=sql.Literal(LIMIT),
        )
    )
    for number, name, expected, found in rows:
        yield Breach(
            invariant="a slice version keeps its rows",
            place=f"{', '.join(f'ods.{t.table}' for t in contract.record_types)}, slice version {number} ({name})",
            found=f"{expected} rows were accepted, {found} are there"
            if expected != found
            else "its digest has changed",
        )


def landing_contents(connection: psycopg.Connection, store: LandingStore) -> Iterator[Breach]:
    """The bytes of every delivery are kept; `ciq verify --landing` also hashes them again."""
    rows = connection.execute(
        "select data_name, data_sha256 from audit.delivery where data_sha256 is not null"
        " union select manifest_name, manifest_sha256 from audit.delivery where manifest_sha256 is not null"
    )
    for name, sha256 in rows:
        if not store.has(sha256):
            yield Breach(
                invariant="the bytes as received are kept", place=f"landing {sha256} ({name})", found="not there"
            )


def damaged_contents(store: LandingStore) -> Iterator[Breach]:
    """Contents of landing that no longer hash to their name."""
    for error in store.check():
        yield Breach(invariant="the bytes as received are kept", place="landing", found=str(error))


def slices_in_force(connection: psycopg.Connection) -> Iterator[Breach]:
    """The slice versions that marts were built from are the winners, but for what is queued for the next build."""
    rows = connection.execute(
        "select coalesce(w.feed_code, p.feed_code) as feed, coalesce(w.org_code, p.org_code) as org,"
        " coalesce(w.business_date, p.business_date) as day, p.slice_version_id, w.slice_version_id"
        " from audit.slice_winner w full join (select * from audit.slice_publication where known_to_no is null) p"
        "  using (feed_code, org_code, business_date)"
        " where w.slice_version_id is distinct from p.slice_version_id"
        " and not exists (select 1 from audit.build_queue q"
        "  where q.entity = 'slice' and q.key = concat_ws('|', feed_code, org_code, business_date))"
        " order by 1, 2, 3 limit %s",
        (LIMIT,),
    )
    for feed, org, day, published, winner in rows:
        yield Breach(
            invariant="the highest delivery that passed is published",
            place=f"slice {feed} {org} {day}",
            found=f"slice version {published} is in force, {winner} should be",
        )


def reject_states(connection: psycopg.Connection) -> Iterator[Breach]:
    """Open, released, superseded: each rejected row has the state that deliveries and decisions give it."""
    rows = connection.execute(
        "select d.data_name, q.section, s.line_no, s.stored_state, s.due_state from audit.reject_state s"
        " join quarantine.rejected_row q using (rejected_row_id)"
        " join audit.delivery d on d.delivery_id = s.delivery_id where s.stored_state <> s.due_state"
        " order by s.rejected_row_id limit %s",
        (LIMIT,),
    )
    for name, section, line, stored, due in rows:
        yield Breach(
            invariant="rejected rows have the state that is due",
            place=f"quarantine.rejected_row, file {name}, line {line_in(section, line)}",
            found=f"it is {stored} and should be {due}",
        )


def reject_texts(connection: psycopg.Connection) -> Iterator[Breach]:
    """What people read of a rejected row is what its bytes say: the log covers the bytes, not the text."""
    with connection.transaction(), connection.cursor(name="reject_texts") as cursor:
        cursor.itersize = 1000
        cursor.execute(
            "select d.data_name, q.section, q.line_no, q.raw, q.raw_text, d.manifest ->> 'encoding'"
            " from quarantine.rejected_row q join audit.delivery d using (delivery_id) order by q.rejected_row_id"
        )
        for name, section, line, raw, text, encoding in cursor:
            if encoding not in CODECS or readable_text(raw, encoding) != text:
                yield Breach(
                    invariant="rejected rows read as their bytes",
                    place=f"quarantine.rejected_row, file {name}, line {line_in(section, line)}",
                    found="its text is not what its bytes say",
                )
