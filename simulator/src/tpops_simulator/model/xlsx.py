# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of Excel's file format that the host import needs: one sheet of texts and numbers.

A spreadsheet library would be the heaviest dependency of the simulator, for two operations.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import defusedxml.ElementTree

MAX_MEMBER_BYTES = 4 * 1024 * 1024
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>'
)
_WORKBOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>'
)


class XlsxError(ValueError):
    """The workbook cannot be read."""


def column_letter(index: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _column_index(reference: str) -> int:
    index = 0
    for letter in re.match(r"[A-Z]*", reference).group():
        index = index * 26 + ord(letter) - 64
    return index - 1


def write(rows: Sequence[Sequence[object]], *, sheet: str = "hosts") -> bytes:
    """A workbook with one sheet; every cell is text. The same rows give the same bytes."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(
            f'<c r="{column_letter(i)}{number}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
            for i, value in enumerate(row)
            if value is not None
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    body = f'<worksheet xmlns="{_MAIN[1:-1]}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
    members = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _RELATIONS.format(kind="officeDocument", target="xl/workbook.xml"),
        "xl/workbook.xml": _WORKBOOK.format(name=escape(sheet)),
        "xl/_rels/workbook.xml.rels": _RELATIONS.format(kind="worksheet", target="worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": body,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            info = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return buffer.getvalue()


def _parse(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    # Sizes are checked before anything is unpacked, and document types are refused: the file is not trusted.
    if archive.getinfo(name).file_size > MAX_MEMBER_BYTES:
        raise XlsxError("the workbook is too large")
    try:
        return defusedxml.ElementTree.fromstring(archive.read(name), forbid_dtd=True)
    except defusedxml.DefusedXmlException as exc:
        raise XlsxError("the workbook contains a document type") from exc


def _text(element: ElementTree.Element | None) -> str:
    return "" if element is None else "".join(t.text or "" for t in element.iter(f"{_MAIN}t"))


def _row_number(given: str | None, position: int) -> int:
    try:
        return int(given or position)
    except ValueError as exc:
        raise XlsxError("a row has an invalid number") from exc


def read(content: bytes) -> Iterator[tuple[int, dict[int, str]]]:
    """The rows of the first sheet, each as its number (from 1) and its cells by column index (from 0)."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            sheets = sorted(n for n in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", n))
            if not sheets:
                raise XlsxError("the workbook has no sheet")
            shared: list[str] = []
            if "xl/sharedStrings.xml" in names:
                shared = [_text(item) for item in _parse(archive, "xl/sharedStrings.xml").iter(f"{_MAIN}si")]
            sheet = _parse(archive, sheets[0])
    except XlsxError:
        raise
    except Exception as exc:  # zipfile and the XML parser raise many kinds of errors for a damaged file.
        raise XlsxError("the file is not a workbook") from exc
    for position, row in enumerate(sheet.iter(f"{_MAIN}row"), start=1):
        cells: dict[int, str] = {}
        for place, cell in enumerate(row.iter(f"{_MAIN}c")):
            value = _text(cell.find(_MAIN + "is"))
            raw = cell.findtext(f"{_MAIN}v")
            if cell.get("t") == "s" and raw is not None:
                try:
                    value = shared[int(raw)]
                except (ValueError, IndexError) as exc:
                    raise XlsxError("a cell refers to a text that does not exist") from exc
            elif raw is not None:
                value = raw
            reference = cell.get("r")
            cells[_column_index(reference) if reference else place] = value.strip()
        yield _row_number(row.get("r"), position), cells
