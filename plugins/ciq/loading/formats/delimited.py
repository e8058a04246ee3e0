"""Text with a delimiter between the cells: the form of most feeds, which COPY can take as it is (loading.decode)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from ciq.loading.decode import CODECS, DELIMITERS, Header, UnreadableFileError, read_header
from ciq.loading.formats.base import LeftOuts, Source, Wanted
from ciq.loading.records import MAX_RECORD_BYTES, Record, UndecodableBytesError, read_records


class DelimitedReading:
    """The lines of a delimited file, read one by one."""

    def __init__(self, source: Source, wanted: Wanted) -> None:
        self.source = source
        self.separator = DELIMITERS[source.form]
        self._columns = wanted.columns
        self.left_out = LeftOuts()

    def header(self) -> Header:
        """What the first line tells. Raises UnreadableFileError (D-encoding, D-header)."""
        self.source.file.seek(0)
        return read_header(
            self.source.file, encoding=self.source.encoding, delimiter=self.separator, columns=self._columns
        )

    def lines(self) -> Iterator[Record]:
        """The lines as COPY has taken them, each one record; its cells are not told apart."""
        self.source.file.seek(self.header().data_offset)
        for number, line in enumerate(self.source.file, start=2):
            yield Record(number, line[:MAX_RECORD_BYTES], (), None)

    def records(self) -> Iterator[Record]:
        """See Reading."""
        header = self.header()
        self.source.file.seek(header.data_offset)
        try:
            yield from read_records(
                self.source.file,
                encoding=CODECS[self.source.encoding],
                delimiter=self.separator,
                columns=len(self._columns),
                has_tail=header.has_tail,
            )
        except UndecodableBytesError as error:
            raise UnreadableFileError(
                "D-encoding", line=error.line, expected=self.source.encoding, found=error.detail
            ) from error

    def write(self, cells: Sequence[str]) -> bytes:
        """See Reading."""
        out = io.StringIO()
        csv.writer(out, delimiter=self.separator, lineterminator="").writerow(cells)
        return out.getvalue().encode(CODECS[self.source.encoding], errors="replace")
