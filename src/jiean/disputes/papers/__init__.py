"""Papers of a dispute: what each says, and its printing. Nothing here reads or writes a row."""

from jiean.disputes.papers.content import (
    Content,
    Facts,
    Side,
    composed,
    digest_of,
    kept_words,
    proves,
    read_words,
)  # fmt: skip
from jiean.disputes.papers.printing import as_docx, as_pdf
from jiean.disputes.papers.sheets import Block, Sheet, SignPlace, open_roads, sheet_of

__all__ = [
    "Block",
    "Content",
    "Facts",
    "Sheet",
    "Side",
    "SignPlace",
    "as_docx",
    "as_pdf",
    "composed",
    "digest_of",
    "kept_words",
    "open_roads",
    "proves",
    "read_words",
    "sheet_of",
]
