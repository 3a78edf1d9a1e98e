"""A sheet as PDF (typst, with fonts of our own: none of the machine's is needed) and as DOCX for editing."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import segno
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from PIL import Image

from jiean.disputes.papers.sheets import Block, Sheet
from jiean.engine.once import once

_FONT, _EMOJI = "Noto Sans CJK SC", "Noto Emoji"
"""The second for what the first lacks: a thumb under a message may be the agreement somebody shows."""


@once
def _fonts() -> Any:
    """The fonts, read once a process."""
    import noto_cjk_sans_otc  # noqa: PLC0415 — a package that holds nothing but the font
    import typst  # noqa: PLC0415 — slow to load, and wanted by few processes

    folders = [Path(str(noto_cjk_sans_otc.__file__)).parent, Path(__file__).parent / "fonts"]
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder) for folder in folders])


def as_pdf(sheet: Sheet, *, address: str, digest: str, signed: Mapping[int | None, bytes]) -> bytes:
    """The paper as PDF. ``address`` is what its QR code leads to; ``signed`` are JPEG signatures by party, the mediator's under None."""
    import typst  # noqa: PLC0415 — slow to load, and wanted by few processes

    pictures = {place: f"sign-{place or 'mediator'}.svg" for place in signed}
    given = asdict(sheet) | {
        "check": digest[:16].upper(),
        "words": {"check": _("核对码"), "edition": _("第 %(n)d 版") % {"n": sheet.edition}, "seal": _("（盖章）")},
        "language": (get_language() or "zh")[:2],
        "pictures": {str(place): name for place, name in pictures.items()},
        "fonts": [_FONT, _EMOJI],
    }
    sources: dict[str, bytes] = {
        "main": files(__package__).joinpath("sheet.typ").read_bytes(),
        "sheet.json": json.dumps(given, ensure_ascii=False).encode(),
        "qr.svg": _qr(address),
        **{pictures[place]: _framed(picture) for place, picture in signed.items()},
    }
    made: bytes = typst.compile(sources, font_paths=_fonts(), format="pdf")
    return made


def _framed(jpeg: bytes) -> bytes:
    """A JPEG inside an SVG: the compiler takes files given in memory as text alone."""
    width, height = Image.open(io.BytesIO(jpeg)).size
    inside = base64.b64encode(jpeg).decode()
    size = f'width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><image {size} href="data:image/jpeg;base64,{inside}"/></svg>'.encode()


def _qr(address: str) -> bytes:
    kept = io.BytesIO()
    segno.make(address, error="m", micro=False).save(kept, kind="svg", border=0, scale=4)
    return kept.getvalue()


def as_docx(sheet: Sheet) -> bytes:
    """The paper as DOCX: the same parts, plainly set, to be edited elsewhere; it carries no code, for it proves nothing."""
    from docx import Document  # noqa: PLC0415 — slow to load, and wanted by few processes
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415 — as above
    from docx.oxml.ns import qn  # noqa: PLC0415 — as above

    paper = Document()
    style = paper.styles["Normal"]
    style.font.name = _FONT
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    for words, level in ((sheet.station, 2), (sheet.title, 1)):
        paper.add_heading(words, level).alignment = WD_ALIGN_PARAGRAPH.CENTER
    edition = _("第 %(n)d 版") % {"n": sheet.edition}
    paper.add_paragraph(f"{sheet.number}  {edition}").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for block in sheet.blocks:
        _add(paper, block)
    for place in sheet.signs:
        paper.add_paragraph(f"{place.label}：＿＿＿＿＿＿＿＿")
    for words in filter(None, (sheet.seal and f"{sheet.seal} {_('（盖章）')}", sheet.day)):
        paper.add_paragraph(words).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    kept = io.BytesIO()
    paper.save(kept)
    return kept.getvalue()


def _add(paper: Any, block: Block) -> None:
    if block.head:
        paper.add_heading(block.head, 3)
    for words in block.words:
        paper.add_paragraph(words)
    for place, words in enumerate(block.items, start=1):  # a list's own numbers would run on into the next list
        paper.add_paragraph(f"{place}. {words}")
    rows = block.table or block.pairs
    if rows:
        table = paper.add_table(rows=0, cols=len(rows[0]))
        table.style = "Table Grid"
        for row in rows:
            for cell, words in zip(table.add_row().cells, row, strict=True):
                cell.text = words
