"""Fixed width: each cell stands at its place in the line, filled up with blanks, as Oracle's spool writes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ciq.contracts.model import FileFormat
from ciq.loading import lookalike
from ciq.loading.decode import CODECS, MAX_HEADER_BYTES, UnreadableFileError
from ciq.loading.formats.base import NO_TEMPLATE, LeftOuts, Source, Wanted
from ciq.loading.records import (
    SHAPE_FIELDS,
    SHAPE_LINE_END,
    SHAPE_NUL,
    SHAPE_SIZE,
    Record,
    describe_undecodable,
    read_lines,
)

_UTF8_BOM = b"\xef\xbb\xbf"


class FixedReading:
    """The lines of a file of fixed width.

    A line must reach the place where its last column ends: one that was cut off would be read as another value. Blanks
    behind that place do not count.
    """

    def __init__(self, source: Source, wanted: Wanted) -> None:
        self._file = source.file
        self._layout = source.layout
        self._encoding = source.encoding
        self._codec = CODECS[source.encoding]
        self._names = wanted.columns
        self._places = _Places(
            [source.layout.width_of(column) for column in wanted.record_type.file_columns], source.layout, self._codec
        )
        self.left_out = LeftOuts()

    def records(self) -> Iterator[Record]:
        """See Reading."""
        for number, line, cut in read_lines(self._file, self._start()):
            if cut:
                yield Record(number, line, (), SHAPE_SIZE)
            elif line.strip():
                yield self._parse(number, line)

    def write(self, cells: Sequence[str]) -> bytes:
        """See Reading. A cell that is longer than its place is cut."""
        return self._places.join(cells).encode(self._codec, errors="replace")

    def _start(self) -> int:
        """Go to the first line of data; returns its number."""
        self._file.seek(0)
        start = self._file.read(4)
        bom = start.startswith(_UTF8_BOM)
        told = lookalike.UTF8_BOM if bom and self._codec != "utf-8" else lookalike.told_by_start(start)
        if told:
            raise UnreadableFileError("D-encoding", line=1, expected=self._encoding, found=told)
        self._file.seek(3 if bom else 0)
        first = 1
        if self._layout.header:
            self._check_header(self._file.readline(MAX_HEADER_BYTES))
            first = 2
        data = self._file.tell()
        utf8_line = None if self._codec == "utf-8" else lookalike.utf8_line(self._file, first_line=first)
        if utf8_line:
            raise UnreadableFileError("D-encoding", line=utf8_line, expected=self._encoding, found=lookalike.UTF8_TEXT)
        self._file.seek(data)
        return first

    def _check_header(self, line: bytes) -> None:
        """Each name at its place, cut where the place is shorter than the name."""
        if not line:
            raise UnreadableFileError(NO_TEMPLATE, line=1, expected=self._names[0], found=lookalike.EMPTY)
        found = self._places.split(line.decode(self._codec, errors="replace").rstrip("\r\n"))[0]
        wanted = self._places.split(self._places.join(self._names))[0]
        for position, (name, there) in enumerate(zip(wanted, found, strict=True), start=1):
            if there.lower() != name:
                raise UnreadableFileError(
                    NO_TEMPLATE, line=1, column=position, expected=name, found=there[:80] or "(nothing)"
                )

    def _parse(self, number: int, raw: bytes) -> Record:
        try:
            text = raw.decode(self._codec)
        except UnicodeDecodeError as error:
            found = describe_undecodable(error)
            raise UnreadableFileError("D-encoding", line=number, expected=self._encoding, found=found) from error
        body = text.removesuffix("\n").removesuffix("\r")
        cells, fits = self._places.split(body)
        if "\x00" in body:
            return Record(number, raw, tuple(cell.replace("\x00", "\ufffd") for cell in cells), SHAPE_NUL)
        if "\r" in body:
            return Record(number, raw, cells, SHAPE_LINE_END)
        return Record(number, raw, cells, None if fits else SHAPE_FIELDS)


class _Places:
    """Where cells begin and end. All is counted in bytes: of the file's encoding, or of UTF-32 for characters."""

    def __init__(self, widths: Sequence[int], layout: FileFormat, codec: str) -> None:
        self._codec, step = (codec, 1) if layout.unit == "bytes" else ("utf-32-le", 4)
        self._blank = " ".encode(self._codec)
        self._spans: list[tuple[int, int]] = []
        at = 0
        for width in widths:
            self._spans.append((at, at + width * step))
            at += (width + layout.gap) * step

    def split(self, body: str) -> tuple[tuple[str, ...], bool]:
        """The cells of a line without their blanks, and whether the line has exactly their places."""
        line = body.encode(self._codec, errors="replace")
        width = self._spans[-1][1]
        fits = len(line) >= width and not self._text(line[width:])
        at, cells = 0, []
        for start, end in self._spans:
            try:
                fits = fits and not self._text(line[at:start])
                cells.append(self._text(line[start:end]))
            except UnicodeDecodeError:  # the place ends within a character: what stands before it is wider than told
                fits = False
                cells.append(line[start:end].decode(self._codec, errors="replace").strip(" "))
            at = end
        return tuple(cells), fits

    def join(self, cells: Sequence[str]) -> str:
        """The line of these cells, each cut at the end of its place."""
        line = b""
        for (start, end), cell in zip(self._spans, cells, strict=False):
            whole = cell.encode(self._codec, errors="replace")[: end - start]
            line = self._filled(line, start) + whole.decode(self._codec, errors="ignore").encode(self._codec)
        return self._filled(line, self._spans[-1][1]).decode(self._codec)

    def _text(self, part: bytes) -> str:
        return part.decode(self._codec).strip(" ")

    def _filled(self, line: bytes, length: int) -> bytes:
        return line + self._blank * ((length - len(line)) // len(self._blank))
