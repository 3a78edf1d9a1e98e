"""Taking people out of a dispute: notes after one year, all else after three. Number, kind, desk, times and outcome stay."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from jiean.disputes.access import Can
from jiean.disputes.models import Dispute, JoinedBody, PaperKind, Signature, Talk
from jiean.kernel import clocks, erasures
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.holds import held_ids
from jiean.kernel.models import Transition
from jiean.kernel.registry import PERIODS, Keeping
from jiean.kernel.workflow import change, kind_of
from jiean.vault.commands import drop_record, erase_matter, forget_words
from jiean.vault.models import MatterKind

NOTES = "notes"


@command
def forget_notes(actor: Actor, *, limit: int = 500) -> int:
    """Destroy the notes of mediation a year after the end; return of how many disputes. Raises Forbidden."""
    rows = _due(actor, Keeping.REPORT).filter(notes_erased_at=None)
    for dispute in (taken := list(rows[:limit])):
        _drop_notes(actor, dispute)
        erasures.record(MatterKind.DISPUTE, dispute.pk, NOTES)
    return len(taken)


@command
def forget_disputes(actor: Actor, *, limit: int = 500) -> int:
    """Take people out of disputes that ended three years ago and are not held; return how many. Raises Forbidden."""
    for dispute in (taken := list(_due(actor, Keeping.INCIDENT)[:limit])):
        _blank(actor, dispute)
        erasures.record(MatterKind.DISPUTE, dispute.pk)
    return len(taken)


def _due(actor: Actor, keeping: Keeping) -> QuerySet[Dispute]:
    before = clocks.now() - (PERIODS[keeping] or dt.timedelta.max)
    rows = visible(Can.FORGET, actor, Dispute).filter(state__in=Dispute.FINISHED, erased_at=None, updated_at__lt=before)
    return rows.exclude(pk__in=held_ids(MatterKind.DISPUTE)).select_for_update(no_key=True).order_by("pk")


def _drop_notes(actor: Actor, dispute: Dispute) -> None:
    """The stamp must not count as a change of the dispute: the three years run from its end."""
    for talk in dispute.talks.exclude(note_id=None):
        drop_record(actor, talk.note_id or 0)
    Talk.objects.filter(dispute=dispute).update(note_id=None, place_words="")
    dispute.appointments.update(place_words="")
    _drop_papers(actor, dispute, kind=PaperKind.RECORD)
    Dispute.objects.filter(pk=dispute.pk).update(notes_erased_at=clocks.now())


def _drop_papers(actor: Actor, dispute: Dispute, *, kind: PaperKind) -> None:
    """A record of a meeting goes with its notes; that it was issued, and its number, stay."""
    for paper in dispute.papers.filter(kind=kind).exclude(content_id=None):
        drop_record(actor, paper.content_id or 0)
        for signature in paper.signatures.exclude(picture_id=None):
            drop_record(actor, signature.picture_id or 0)
        paper.signatures.update(picture_id=None, place_words="")
    dispute.papers.filter(kind=kind).update(content_id=None)


def _blank(actor: Actor, dispute: Dispute) -> None:
    """Everything people said and were goes; the sealed records with their key."""
    erase_matter(actor, MatterKind.DISPUTE, dispute.pk)
    forget_words(MatterKind.DISPUTE, [dispute.pk])
    at = clocks.now()
    dispute.talks.update(note_id=None, place_words="")
    dispute.appointments.update(place_words="")
    dispute.parties.update(record_id=None, speech_id=None, address_id=None, satisfaction_note="")
    dispute.recusals.update(reason="")
    dispute.flags.update(note_id=None)
    dispute.precedents.update(dispute=None)
    dispute.joined_bodies.update(task="", reply="", opinion="", state=JoinedBody.State.RELEASED)
    dispute.looks.update(note_id=None)
    dispute.papers.update(content_id=None)
    Signature.objects.filter(paper__dispute=dispute).update(picture_id=None, place_words="")
    dispute.agreements.update(facts="", liability="", terms="", performance="")
    dispute.call_backs.update(note="")
    dispute.legs.update(reason="", reply="")
    Transition.objects.filter(kind=kind_of(dispute), subject_id=dispute.pk).update(reason="")
    Transition.objects.filter(kind="disputes.flag", subject_id__in=list(dispute.flags.values("pk"))).update(reason="")
    joined_ids = list(dispute.joined_bodies.values_list("pk", flat=True))
    Transition.objects.filter(kind="disputes.joinedbody", subject_id__in=joined_ids).update(reason="")
    leg_ids = list(dispute.legs.values_list("pk", flat=True))
    Transition.objects.filter(kind="disputes.leg", subject_id__in=leg_ids).update(reason="")
    change(dispute, facts="", place_words="", erased_at=at, notes_erased_at=dispute.notes_erased_at or at)


@erasures.eraser(MatterKind.DISPUTE)
def erase_again(dispute_id: int, scope: str, at: dt.datetime) -> None:
    """What the ledger knows to be erased, erased again in a station that came back from a backup."""
    rows = Dispute.objects.select_for_update(no_key=True).filter(pk=dispute_id, created_at__lte=at, erased_at=None)
    for dispute in rows:
        if scope == NOTES:
            _drop_notes(Actor.system(), dispute)
        else:
            _blank(Actor.system(), dispute)
