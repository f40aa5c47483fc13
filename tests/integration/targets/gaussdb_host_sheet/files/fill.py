# SPDX-License-Identifier: GPL-3.0-or-later
"""Fill a workbook as a person would with a spreadsheet: fill.py TEMPLATE RESULT, with a list of rows (JSON) on standard
input."""

from __future__ import annotations

import json
import sys
import zipfile
from xml.sax.saxutils import escape

SHEET = "xl/worksheets/sheet1.xml"


def cell(value: object) -> str:
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def main() -> None:
    template, result = sys.argv[1:]
    rows = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in json.load(sys.stdin))
    with zipfile.ZipFile(template) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == SHEET:
                content = content.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
            new.writestr(name, content)


main()
