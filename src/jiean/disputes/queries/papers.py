"""Papers of a dispute: which there are, what one says, and whether a printed one is ours."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass

from jiean.disputes import papers
from jiean.disputes.access import Can
from jiean.disputes.models import Dispute, Paper, PaperKind, Signature
from jiean.disputes.papers import Sheet
from jiean.disputes.queries.detail import Own
from jiean.disputes.queries.lists import place_shown
from jiean.kernel import clocks
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor
from jiean.kernel.errors import NotFound
from jiean.vault.commands import open_record
from jiean.vault.models import MatterKind, Purpose

SHARED = (
    PaperKind.APPLICATION, PaperKind.ACCEPTANCE, PaperKind.AGREEMENT, PaperKind.ORAL, PaperKind.FAILURE,
    PaperKind.CONFIRMATION,
)  # fmt: skip
"""What a party may take from its own page; notes of meetings are handed over on paper."""
TOKEN = 32


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper opened: its sheet, who signed where, and whether what is sealed is still what was issued."""

    paper: Paper
    sheet: Sheet
    signatures: dict[int | None, Signature]
    pictures: dict[int | None, bytes]
    unchanged: bool


def token_of(paper: Paper) -> str:
    """What the address of a paper's check holds."""
    return paper.digest[:TOKEN]


def paper_view(actor: Actor, dispute_id: int, paper_id: int) -> PaperView:
    """A paper with its signatures; the look is written down. Raises NotFound, ProveYourself for a dispute that is over."""
    rows = visible(Can.READ, actor, Dispute).filter(pk=dispute_id)
    paper = Paper.objects.filter(pk=paper_id, dispute__in=rows.values("pk")).select_related("dispute").first()
    if paper is None or paper.content_id is None or not place_shown(actor, paper.dispute):
        raise NotFound
    return _view(actor, paper, Purpose.DISPUTE)


def own_paper(own: Own, paper_id: int) -> PaperView:
    """A paper for the party that has shown its code. Raises NotFound."""
    paper = own.dispute.papers.filter(pk=paper_id, kind__in=SHARED, content_id__isnull=False).first()
    if paper is None:
        raise NotFound
    return _view(Actor.system(), paper, Purpose.RIGHTS)


def _view(actor: Actor, paper: Paper, purpose: Purpose) -> PaperView:
    content = papers.read_words(_opened(actor, paper, paper.content_id, purpose))
    sheet = papers.sheet_of(
        content, number=paper.number, edition=paper.edition, issued=clocks.local_day(paper.issued_at)
    )
    signatures: dict[int | None, Signature] = {one.party_id: one for one in paper.signatures.all()}
    pictures = {
        place: base64.b64decode(_opened(actor, paper, one.picture_id, purpose))
        for place, one in signatures.items()
        if one.picture_id is not None
    }
    unchanged = papers.proves(paper.digest, paper.number, paper.edition, content)
    return PaperView(paper, sheet, signatures, pictures, unchanged)


def _opened(actor: Actor, paper: Paper, record_id: int | None, purpose: Purpose) -> str:
    return open_record(
        actor, record_id or 0, purpose=purpose, matter_kind=MatterKind.DISPUTE, matter_id=paper.dispute_id
    )["note"]


@dataclass(frozen=True, slots=True)
class Check:
    """What a stranger with a printed paper is told: that it is ours, which edition, whether a newer one stands. No names."""

    kind: str
    number: str
    edition: int
    newest: int
    day: dt.date
    code: str
    signed: int


def checked_paper(token: str) -> Check:
    """The paper of a QR code. Raises NotFound for one that is not ours."""
    paper = Paper.objects.filter(digest__startswith=token).first() if len(token) == TOKEN and token.isalnum() else None
    if paper is None:
        raise NotFound
    same = Paper.objects.filter(kind=paper.kind, year=paper.year, serial=paper.serial)
    newest = same.order_by("-edition").values_list("edition", flat=True)[0]
    return Check(
        str(paper.get_kind_display()), paper.number, paper.edition, newest, clocks.local_day(paper.issued_at),
        paper.digest[:16].upper(), paper.signatures.count(),
    )  # fmt: skip
