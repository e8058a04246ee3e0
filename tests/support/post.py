"""A post office that no bureau has: it sends workbooks with a sheet of parcels and a sheet of their seals (F90)."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import xlsxwriter

from ciq.contracts import Contract, RecordType, load_contracts
from ciq.settings import Settings
from support.bureau import DAY, Bureau

CONTRACT = Path(__file__).parent / "f90_parcels.odcs.yaml"

Row = dict[str, str]
Sheets = Mapping[str, Sequence[Row]]


def contracts_with_parcels(folder: Path) -> Path:
    """All contracts, and F90 with them, in a folder below this one."""
    target = folder / "expectations"
    shutil.copytree(Settings().contracts, target)
    shutil.copy(CONTRACT, target)
    return target


def parcels(count: int, **cells: str) -> list[Row]:
    return [
        {
            "record_id": f"p{n}", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "parcel_no": f"P{n:04d}", "office": "NANJING", "amount": "10.50", "currency": "CNY", **cells,
        }
        for n in range(1, count + 1)
    ]  # fmt: skip


def seals(count: int, **cells: str) -> list[Row]:
    return [
        {
            "record_id": f"s{n}", "op": "I", "version_no": "1", "op_time": "2010-06-08 10:00:00", "org_code": "320100",
            "parcel_no": "P0001", "seal_no": f"{n}", "colour": "red", **cells,
        }
        for n in range(1, count + 1)
    ]  # fmt: skip


def broken_on_line_3() -> Sheets:
    """The second row of each sheet is wrong."""
    sheets = {"parcel": parcels(4), "seal": seals(3)}
    sheets["parcel"][1]["office"] = "nanjing"
    sheets["seal"][1]["colour"] = "RED"
    return sheets


class Post(Bureau):
    """A bureau that sends workbooks of parcels and seals."""

    @property
    def contract(self) -> Contract:
        """F90."""
        return next(c for c in load_contracts(self.settings.contracts).feeds if c.feed_code == "F90")

    def send(self, sheets: Sheets, *, seq: int = 1, day: date = DAY, **manifest: object) -> None:
        """Deliver a workbook; the manifest as the rows say, unless given."""
        data = workbook({one.section or "": (one, sheets[one.name]) for one in self.contract.record_types})
        rows = [row for one in sheets.values() for row in one]
        stated = {"row_count": len(rows), "control_sum": f"{10.5 * len(sheets['parcel']):.2f}", **manifest}
        form = {"encoding": "UTF-8", "delimiter": "XLSX", "file_name": f"{stem(seq, day)}.xlsx"}
        path = self.deliver("F90", rows, data=data, seq=seq, day=day, **form, **stated)
        path.rename(path.with_suffix(".xlsx"))


def stem(seq: int = 1, day: date = DAY) -> str:
    return f"F90_320100_{day:%Y%m%d}_{seq:02d}"


def workbook(sheets: Mapping[str, tuple[RecordType, Sequence[Row]]]) -> bytes:
    """One sheet for each record type: a header and its rows, all cells text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2010, 6, 8, tzinfo=UTC)})  # the same rows are the same bytes
        for name, (record_type, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            columns = [column.name for column in record_type.file_columns]
            for line, cells in enumerate([columns, *([row.get(c, "") for c in columns] for row in rows)]):
                sheet.write_row(line, 0, cells)
    return out.getvalue()
