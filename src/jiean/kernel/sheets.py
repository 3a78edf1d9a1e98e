"""Tables from and for spreadsheets: xlsx and csv read as text, written so that no cell can be run as a formula."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.kernel.errors import Invalid

FILE_LIMIT = 10_000_000
UNPACKED_LIMIT = 100_000_000
PARTS_LIMIT = 1_000
ROW_LIMIT = 5_000
COLUMN_LIMIT = 60
CELL_LIMIT = 2_000

_RUNS = ("=", "+", "-", "@", "\t", "\r")
_XLSX_MARK = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as text: the header, and each filled row with its number in the file."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_sheet(raw: bytes, *, field: str = "file") -> Sheet:
    """The first sheet of an xlsx file, or a csv file in UTF-8 or GB18030. Raises Invalid on ``field``."""
    if not raw:
        raise Invalid(**{field: _("文件是空的。")})
    if len(raw) > FILE_LIMIT:
        raise Invalid(**{field: _("文件超过 10 MB。")})
    lines = _xlsx_lines(raw, field) if raw.startswith(_XLSX_MARK) else _csv_lines(raw, field)
    filled = ((number, line) for number, line in enumerate(lines, start=1) if any(line))
    try:
        header = next(filled, (0, []))[1]
        rows: list[tuple[int, dict[str, str]]] = []
        for number, line in filled:
            if len(rows) == ROW_LIMIT:
                raise Invalid(**{field: _("最多 %(limit)d 行，请分几个文件导入。") % {"limit": ROW_LIMIT}})
            rows.append((number, dict(zip(header, line, strict=False))))
    except (csv.Error, ValueError, KeyError, TypeError):
        raise Invalid(**{field: _("文件读不出来，请用模板另存一份再试。")}) from None
    if not header:
        raise Invalid(**{field: _("文件里没有内容。")})
    return Sheet(tuple(header), tuple(rows))


def _csv_lines(raw: bytes, field: str) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return (_plain(line) for line in csv.reader(io.StringIO(text)))
    raise Invalid(**{field: _("文件不是 xlsx，也不是文字表格（csv）。")})


def _xlsx_lines(raw: bytes, field: str) -> Iterator[list[str]]:
    from openpyxl import load_workbook  # noqa: PLC0415 — slow to load, and only a spreadsheet needs it
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            parts = packed.infolist()
            if len(parts) > PARTS_LIMIT or sum(part.file_size for part in parts) > UNPACKED_LIMIT:
                raise Invalid(**{field: _("文件展开后太大。")})
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError):
        raise Invalid(**{field: _("文件不是有效的 xlsx 表格。")}) from None
    if not book.worksheets:
        raise Invalid(**{field: _("文件里没有内容。")})
    return (_plain(line) for line in book.worksheets[0].iter_rows(values_only=True, max_col=COLUMN_LIMIT))


def _plain(line: Sequence[Any]) -> list[str]:
    """Cells as trimmed text; 13800001234.0 reads as the number it was typed as."""
    return [_cell(value) for value in line[:COLUMN_LIMIT]]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()[:CELL_LIMIT]


def neutral(value: Any) -> Any:
    """The value as a cell that no spreadsheet runs: text that starts like a formula gets an apostrophe before it."""
    if isinstance(value, bool | int | float) or value is None:
        return value
    words = "".join(sign for sign in str(value) if sign in "\t\n" or ord(sign) >= 32)
    return f"'{words}" if words.startswith(_RUNS) else words


def csv_lines(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The table as csv text, line by line, with the mark by which office programs know UTF-8."""
    line = io.StringIO()
    writer = csv.writer(line)
    yield "\ufeff"
    writer.writerow([neutral(str(value)) for value in header])
    for row in rows:
        writer.writerow([neutral(value) for value in row])
        if line.tell() > 60_000:
            yield line.getvalue()
            line.seek(0)
            line.truncate()
    yield line.getvalue()


def xlsx_bytes(title: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    """The table as an xlsx file, written row by row."""
    from openpyxl import Workbook  # noqa: PLC0415 — slow to load, and only a spreadsheet needs it

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.append([neutral(str(value)) for value in header])
    for row in rows:
        sheet.append([neutral(value) for value in row])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
