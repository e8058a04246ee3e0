"""A branch bureau that delivers by hand, as docs/feeds.md says, and the way from the inbox to a verdict."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ciq.collecting.branches import branch_endpoints, configured_endpoints, delivering_branches
from ciq.collecting.collect import collect
from ciq.contracts import load_contracts
from ciq.database import connect
from ciq.loading import Claim, LoadReport, load
from ciq.settings import PROJECT_ROOT, Settings

DAY = date(2010, 6, 8)

GOOD: dict[str, dict[str, str]] = {
    "F01": {
        "record_id": "d1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
        "decl_no": "320100210000001", "ie_flag": "E", "decl_type": "21", "decl_date": "2010-06-08",
        "accept_time": "2010-06-08 09:30:00", "accept_org": "320100", "insp_org": "320110",
        "accept_officer": "a1b2c3d4", "applicant_code": "3201000017", "applicant_name": "南京㛃堃进出口有限公司",
        "trade_mode": "0110", "dest_country": "840", "entry_exit_port": "CNNKG", "transport_mode": "2",
        "wood_pack_flag": "0", "e_supervision_flag": "1", "green_channel_flag": "0", "psi_flag": "0",
        "total_value": "1000.50", "currency": "USD", "usd_rate": "100", "status": "ACC",
    },
    "F02": {
        "record_id": "g1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
        "decl_no": "320100210000001", "goods_no": "1", "hs_code": "8541402000", "goods_name_cn": "太阳能电池",
        "qty": "100", "qty_unit": "007", "goods_value": "1000.50", "currency": "USD",
    },
    "F03": {
        "record_id": "e1", "op": "I", "version_no": "1", "op_time": "2010-06-08 15:00:00", "org_code": "320100",
        "decl_no": "320100210000001", "eval_seq": "1", "insp_dept": "检务处", "inspector": "e5f6a7b8",
        "insp_end": "2010-06-08 14:00:00", "eval_time": "2010-06-08 15:00:00", "insp_mode": "01", "result": "Q",
    },
    "F04": {
        "record_id": "k1", "op": "I", "version_no": "1", "op_time": "2010-06-08 16:05:00", "org_code": "320100",
        "cert_no": "320100210000001001", "decl_no": "320100210000001", "cert_type": "52",
        "issue_time": "2010-06-08 16:00:00", "valid_to": "2010-08-07", "visa_officer": "c3d4e5f6",
        "issue_org": "320100", "hs_code": "8541402000", "dest_country": "840", "copies": "1", "status": "1",
    },
    "F05": {
        "record_id": "o1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
        "coo_no": "G10320100000001", "coo_type": "FORM_A", "apply_ent": "3201000017",
        "apply_ent_name": "南京㛃堃进出口有限公司", "issue_org": "320110", "issue_date": "2010-06-08",
        "dest_country": "276", "invoice_no": "INV-1", "fob_usd": "10000.00", "hs6": "640319",
        "origin_criterion": "P", "mfn_rate": "8.0", "pref_rate": "4.5", "est_duty_saving_cny": "2391.55",
        "retro_flag": "0", "status": "1",
    },
    "F06": {
        "record_id": "w1", "op": "I", "version_no": "1", "op_time": "2010-06-08 16:05:00", "org_code": "320100",
        "event_no": "320100WJ20100608001", "event_type": "VESSEL", "port": "CNNKG", "event_date": "2010-06-08",
        "conveyance_id": "HAI FENG 12", "from_country": "410", "inspected_cnt": "1", "vector_positive_cnt": "1",
        "vector_code": "RAT", "vector_latin": "Rattus norvegicus", "vector_qty": "2", "persons_screened": "21",
        "fever_cnt": "0", "treatment": "DERAT",
    },
    "F07": {
        "record_id": "i1", "op": "I", "version_no": "1", "op_time": "2010-06-08 16:05:00", "org_code": "320100",
        "interception_no": "320100YJ2010060801", "decl_no": "320100110000001", "intercept_date": "2010-06-08",
        "source": "CARGO", "host_hs": "4403209090", "origin_country": "840", "species_code": "IPSGR",
        "species_latin": "Ips grandicollis", "taxon": "INSECT", "life_stage": "ADULT", "quantity": "12",
        "quarantine_pest_flag": "1", "first_in_china_flag": "0", "national_significance": "0",
        "treatment": "FUMIGATION", "certificate_out": "0",
    },
    "F08": {
        "record_id": "k1", "op": "I", "version_no": "1", "op_time": "2010-06-08 16:05:00", "org_code": "320100",
        "decl_no": "320100110000001", "pack_seq": "1", "pack_type": "PALLET", "pieces": "12", "ippc_mark_flag": "1",
        "ippc_country": "840", "producer_mark_no": "1234", "treatment": "HT", "inspected_flag": "1",
        "live_pest_flag": "1", "disposal": "FUMIGATION",
    },
    "F10": {
        "record_id": "p1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
        "case_no": "320100CF201000001", "event_seq": "1", "event_type": "FILED", "event_time": "2010-06-08 09:00:00",
        "procedure": "ORDINARY", "party_type": "UNIT", "party_code": "3201000017",
        "party_name": "南京㛃堃进出口有限公司", "cause_code": "EVASION", "law_article": "商检法第三十三条",
    },
    "F11": {
        "record_id": "c1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
        "case_no": "320100TS201000001", "event_seq": "1", "event_type": "RECEIVED",
        "event_time": "2010-06-08 09:00:00", "channel": "12365", "case_type": "COMPLAINT",
        "received_time": "2010-06-08 09:00:00", "complainant": "王某", "subject": "检验周期过长",
        "target_type": "ENTERPRISE", "anonymous_flag": "0",
    },
    "F12": {
        "record_id": "l1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
        "case_no": "320100FY201000001", "event_seq": "1", "event_type": "FILED", "event_time": "2010-06-08 09:00:00",
        "case_type": "RECONSIDERATION", "authority": "江苏局", "filed_date": "2010-06-08",
    },
    "F13": {
        "record_id": "s1", "op": "I", "version_no": "1", "op_time": "2010-06-08 16:05:00", "org_code": "320100",
        "sample_no": "JS320100100608001", "test_item": "铅", "lab_code": "JSL01001", "decl_no": "320100110000001",
        "programme": "ROUTINE", "received_time": "2010-06-07 09:00:00", "method_std": "GB 5009.12-2010",
        "result_value": "0.12", "unit": "mg/kg", "limit_value": "0.5", "judgement": "PASS",
        "reported_time": "2010-06-08 15:00:00", "analyst": "a1b2c3d4", "outsourcing_flag": "0",
    },
    "F18": {
        "record_id": "n1", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320000",
        "notice_no": "AQSIQ-2010-001", "direction": "NATIONAL_WARNING", "issuer": "AQSIQ",
        "issue_date": "2010-06-08", "product_group": "MINERAL", "subject": "进口矿产品放射性超标",
        "national_flag": "1",
    },
    "N08": {
        "record_id": "j1", "op": "I", "version_no": "1", "op_time": "2010-06-30 15:00:00", "org_code": "320100",
        "ent_code": "3201000017", "month_end": "2010-06-30", "pilot_flag": "1", "benefit_flag": "1",
        "integrity_level": "A", "pass_rate": "99.50",
    },
    "N12": {
        "record_id": "r1", "op": "I", "version_no": "1", "op_time": "2010-06-30 17:00:00", "org_code": "320100",
        "period_end": "2010-06-30", "reconsiderations_filed": "0", "lawsuits_filed": "0",
    },
    "H01": {
        "record_id": "h1", "op": "I", "version_no": "1", "op_time": "2010-01-01 00:00:00", "org_code": "320000",
        "hs8": "85414020", "tariff_year": "2010", "name_zh": "太阳能电池", "unit1_code": "01", "unit1_name": "个",
    },
    "N01": {
        "record_id": "s1", "op": "I", "version_no": "1", "op_time": "2010-06-30 17:00:00", "org_code": "320100",
        "period_end": "2010-06-30", "topic": "TOTAL", "ie_flag": "E", "lots": "120", "value_usd": "1000.50",
    },
}  # fmt: skip


_NUMBERED = {
    "F04": ("cert_no", "3201002100{:05d}001"),
    "F05": ("coo_no", "G10320100{:06d}"),
    "F06": ("event_no", "320100WJ2010{:05d}"),
    "F07": ("interception_no", "320100YJ2010{:05d}"),
    "F10": ("case_no", "320100CF2010{:05d}"),
    "F11": ("case_no", "320100TS2010{:05d}"),
    "F12": ("case_no", "320100FY2010{:05d}"),
    "F13": ("sample_no", "JS3201002010{:05d}"),
    "F18": ("notice_no", "AQSIQ-2010-{:05d}"),
}
"""Where a feed's rows have no declaration number: the column that tells them apart."""


def workday_feeds() -> list[str]:
    """The feeds that are due of every branch on each workday, in order."""
    contracts = load_contracts(PROJECT_ROOT / "expectations")
    return sorted(contract.feed_code for contract in contracts.feeds if contract.calendar == "workday")


def rows_of(feed: str, count: int, **cells: str) -> list[dict[str, str]]:
    """`count` good rows with different declaration, certificate, case or notice numbers."""
    column, number = _NUMBERED.get(feed, ("decl_no", "3201002100{:05d}"))
    return [{**GOOD[feed], "record_id": f"r{n}", column: number.format(n), **cells} for n in range(1, count + 1)]


@dataclass
class Bureau:
    """A branch that delivers into the local inbox of one warehouse."""

    settings: Settings

    def __post_init__(self) -> None:
        contracts = load_contracts(self.settings.contracts)
        self.columns = {c.feed_code: [x.name for x in c.main.file_columns] for c in contracts.feeds}
        self.control = {c.feed_code: c.main.control_sum for c in contracts.feeds}
        self.manifest_columns = [column.name for column in contracts.manifest.main.columns]

    def data(
        self, feed: str, rows: Sequence[Mapping[str, str]], *, tail: str = ",", encoding: str = "gb18030"
    ) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator=f"{tail}\n")
        writer.writerow(self.columns[feed])
        writer.writerows([row.get(name, "") for name in self.columns[feed]] for row in rows)
        return out.getvalue().encode(encoding)

    def deliver(
        self,
        feed: str,
        rows: Sequence[Mapping[str, str]],
        *,
        seq: int = 1,
        day: date = DAY,
        branch: str = "320100",
        data: bytes | None = None,
        **manifest: object,
    ) -> Path:
        """Write the pair; manifest cells as given, else as the data says. Returns the data file's path."""
        data = self.data(feed, rows) if data is None else data
        stem = f"{feed}_{branch}_{day:%Y%m%d}_{seq:02d}"
        cells: dict[str, object] = {
            "feed_code": feed, "org_code": branch, "business_date": day, "seq": seq, "file_name": f"{stem}.csv",
            "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "encoding": "GB18030", "delimiter": ",",
            "row_count": len(rows), "control_sum": self._sum(feed, rows), "status": "2", "reporter": "张",
            "auditor": "李", "report_time": f"{day} 20:{seq:02d}:00", "audit_time": "", "opinion": "", **manifest,
        }  # fmt: skip
        outbox = self.settings.inbox_root / branch / "outbox"
        outbox.mkdir(parents=True, exist_ok=True)
        (outbox / f"{stem}.csv").write_bytes(data)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.manifest_columns)
        writer.writerow([cells[name] for name in self.manifest_columns])
        (outbox / f"{stem}.manifest.csv").write_text(out.getvalue(), encoding="utf-8")
        return outbox / f"{stem}.csv"

    def _sum(self, feed: str, rows: Sequence[Mapping[str, str]]) -> str:
        column = self.control[feed]
        try:
            return f"{sum(Decimal(row.get(column) or 0) for row in rows):.2f}" if column else ""
        except InvalidOperation:  # the sender knew the amounts; from broken cells they cannot be told
            return ""

    def collect(self) -> None:
        with connect(self.settings, "loader") as connection:
            branches = delivering_branches(connection)
        endpoints = branch_endpoints(branches, configured_endpoints(self.settings), demand_all=False)
        assert not collect(self.settings, endpoints, run_ref="test").failed

    def load(self, **claim: Any) -> LoadReport:
        self.collect()
        return load(self.settings, Claim(**claim), run_ref="test")

    def fetch(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        with (
            connect(self.settings, "auditor") as connection,
            psycopg.ClientCursor(connection, row_factory=dict_row) as cursor,
        ):
            return cursor.execute(query.encode(), parameters).fetchall()

    def verdict(self) -> dict[str, Any]:
        """The newest verdict."""
        return self.fetch("select * from audit.verdict order by verdict_id desc limit 1")[0]
