"""Issuing a paper with its number, and keeping who signed it."""

from __future__ import annotations

import base64

from django.db import connection
from django.utils.translation import gettext_lazy as _

from jiean.disputes import papers
from jiean.disputes.access import Can
from jiean.disputes.commands.telling import tell_changed
from jiean.disputes.models import (
    PLACE_LIMIT,
    Dispute,
    Paper,
    PaperKind,
    Party,
    Signature,
    Talk,
)
from jiean.disputes.models.endings import WORDS_LIMIT
from jiean.kernel import clocks
from jiean.kernel.access import demand_proof, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid, NotFound
from jiean.kernel.pictures import redraw
from jiean.kernel.text import clean
from jiean.kernel.workflow import note
from jiean.people.queries import names_of
from jiean.vault.commands import open_record, seal
from jiean.vault.models import Kind as Sealed
from jiean.vault.models import MatterKind, Purpose

SIGNATURE_SIDE = 480
BINDING = (PaperKind.AGREEMENT, PaperKind.ORAL, PaperKind.CONFIRMATION)
"""Papers that bind nobody once there is no agreement any more."""

_TAKE_NUMBER = """
INSERT INTO disputes_paperseries (kind, year, last) VALUES (%s, %s, 1)
ON CONFLICT (kind, year) DO UPDATE SET last = disputes_paperseries.last + 1
RETURNING last
"""
"""The row stays locked until the paper is committed: a number that was taken and not used goes back with the roll-back."""


@command
def issue_paper(
    actor: Actor, dispute_id: int, kind: PaperKind, *, request: str = "", talk_id: int | None = None
) -> Paper:
    """Issue a paper: the first of its kind takes a number, what changed since is a new edition, the same again is the old one.

    Raises NotFound, Invalid (something is missing), IllegalMove (the dispute has not come so far), ProveYourself (it is over,
    or notes are put on paper).
    """
    if kind not in PaperKind.values:
        raise Invalid(kind=_("请选择文书。"))
    dispute = fetch(Can.ISSUE, actor, Dispute, dispute_id)
    if dispute.erased_at is not None:
        raise IllegalMove(_("个人信息已按期删除，不能再开文书。"))
    talk = _talk(actor, dispute, talk_id) if kind == PaperKind.RECORD else None
    content = papers.composed(kind, _facts(actor, dispute, talk, clean(request, WORDS_LIMIT, field="request")))
    last = dispute.papers.filter(kind=kind, talk=talk).order_by("edition").last()
    if last is not None and papers.proves(last.digest, last.number, last.edition, content):
        return last
    made = _made(actor, dispute, kind, talk, last, content)
    note(dispute, by=actor, code="paper_issued")
    tell_changed(dispute)
    return made


def _talk(actor: Actor, dispute: Dispute, talk_id: int | None) -> Talk | None:
    """The meeting whose notes are put on paper: they ask for a fresh second factor, as they do on the screen."""
    demand_proof(actor)
    return dispute.talks.filter(pk=talk_id or 0).exclude(note_id=None).first()


def _facts(actor: Actor, dispute: Dispute, talk: Talk | None, request: str) -> papers.Facts:
    """What the paper is made of; each name is opened for it, and the look written down."""
    parties = dispute.parties.filter(left_at=None).order_by("pk")
    mediator = names_of([dispute.mediator_id]).get(dispute.mediator_id, "") if dispute.mediator_id else ""
    return papers.Facts(
        dispute=dispute,
        sides=[papers.Side(one, _opened(actor, dispute, one.record_id).get("name", "")) for one in parties],
        mediator=mediator,
        agreement=dispute.agreements.last(),
        talk=talk,
        notes=_opened(actor, dispute, talk.note_id).get("note", "") if talk else "",
        request=request,
        call_backs=list(dispute.call_backs.all()),
        papers=list(dispute.papers.exclude(kind__in=(PaperKind.COVER, PaperKind.INDEX))),
    )


def _opened(actor: Actor, dispute: Dispute, record_id: int | None) -> dict[str, str]:
    if record_id is None:
        return {}
    kind = MatterKind.DISPUTE
    return open_record(actor, record_id, purpose=Purpose.DISPUTE, matter_kind=kind, matter_id=dispute.pk)


def _made(
    actor: Actor, dispute: Dispute, kind: PaperKind, talk: Talk | None, last: Paper | None, content: papers.Content
) -> Paper:
    at = clocks.now()
    made = Paper(
        dispute=dispute, kind=kind, talk=talk, issued_at=at, issued_by_id=actor.account_id,
        agreement=dispute.agreements.last() if kind in BINDING else None,
        year=last.year if last else clocks.local_day(at).year, edition=last.edition + 1 if last else 1,
    )  # fmt: skip
    made.serial = last.serial if last else _next_number(kind, made.year)
    made.digest = papers.digest_of(made.number, made.edition, content)
    made.content_id = seal(actor, MatterKind.DISPUTE, dispute.pk, Sealed.PARTY, {"note": papers.kept_words(content)})
    made.save(force_insert=True)
    return made


def _next_number(kind: PaperKind, year: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_NUMBER, [str(kind), year])
        (taken,) = cursor.fetchone()
    return int(taken)


@command
def sign_paper(
    actor: Actor, paper_id: int, picture: bytes, *, manner: Signature.Manner, party_id: int | None = None,
    place_words: str = "",
) -> Signature:  # fmt: skip
    """Keep a signature: a party's before whoever holds the paper, or without a party the mediator's own.

    Raises NotFound, Invalid (no picture, or one that is none), IllegalMove (an older edition, signed already, no agreement now).
    """
    found = Paper.objects.select_related("dispute").filter(pk=paper_id).first()
    if found is None:
        raise NotFound
    dispute = fetch(Can.ISSUE, actor, Dispute, found.dispute_id)
    party = _signer(actor, dispute, found, party_id)
    _check_signable(found, party)
    drawn = redraw(picture, field="picture", side=SIGNATURE_SIDE)
    kept = {"note": base64.b64encode(drawn.jpeg).decode()}
    made = Signature.objects.create(
        paper=found, party=party, account_id=None if party else actor.account_id, manner=manner, at=clocks.now(),
        picture_id=seal(actor, MatterKind.DISPUTE, dispute.pk, Sealed.PARTY, kept),
        place_words=clean(place_words, PLACE_LIMIT, field="place_words"), before_id=actor.account_id,
    )  # fmt: skip
    note(dispute, by=actor, code="paper_signed")
    tell_changed(dispute)
    return made


def _signer(actor: Actor, dispute: Dispute, paper: Paper, party_id: int | None) -> Party | None:
    if party_id is None:
        if dispute.mediator_id != actor.account_id:
            raise Invalid(picture=_("调解员的签名要由调解员本人签。"))
        return None
    party = dispute.parties.filter(pk=party_id, left_at=None).first()
    if party is None:
        raise Invalid(picture=_("这位当事人已经退出，不能再签名。"))
    if party.created_at > paper.issued_at:
        raise Invalid(picture=_("这份文书里没有这位当事人，请重新开具。"))
    return party


def _check_signable(paper: Paper, party: Party | None) -> None:
    """An edition is signed as long as it is the newest and there is still something to bind anybody."""
    dispute = paper.dispute
    dispute.refresh_from_db(fields=["outcome", "erased_at"])
    if paper.content_id is None or Paper.objects.filter(
        kind=paper.kind, year=paper.year, serial=paper.serial, edition__gt=paper.edition
    ):
        raise IllegalMove(_("这份文书有了新的一版，请在新的一版上签名。"))
    if paper.kind in BINDING and dispute.outcome != "settled":
        raise IllegalMove(_("这件纠纷现在没有协议，不能再签名。"))
    if paper.signatures.filter(party=party, account_id=None if party else dispute.mediator_id).exists():
        raise IllegalMove(_("已经签过了。"))
