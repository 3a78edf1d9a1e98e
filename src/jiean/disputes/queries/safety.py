"""What keeps the people of one dispute safe: its flag, the steps taken, and what a person is asked to look at; the flags that are up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise

from jiean.disputes.access import Can
from jiean.disputes.models import Dispute, Flag, Party, PleaseLook, Protection
from jiean.disputes.queries.story import Story
from jiean.engine.triage.escalation import escalation_signs
from jiean.kernel import clocks
from jiean.kernel.access import demand_proof, visible
from jiean.kernel.actor import Actor
from jiean.kernel.audit import draft, write
from jiean.kernel.errors import NotFound
from jiean.people.queries import names_of
from jiean.vault.commands import open_record
from jiean.vault.models import MatterKind, Purpose

MOST = 200


@dataclass(frozen=True, slots=True)
class LookLine:
    """A question of the machine: why, and the words of the dispute that led to it, read again each time and kept nowhere."""

    row: PleaseLook
    why: str | Promise
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Safety:
    """Flag, steps and open questions of one dispute, with the names of who did what."""

    flag: Flag | None
    steps: list[Protection]
    looks: list[LookLine]
    names: dict[int, str]
    calls: int

    @property
    def raised_by(self) -> str:
        return self.names.get((self.flag.raised_by_id if self.flag else None) or 0, "")

    @property
    def reviewed_by(self) -> str:
        return self.names.get((self.flag.reviewed_by_id if self.flag else None) or 0, "")

    @property
    def step_lines(self) -> list[tuple[Protection, str]]:
        """The steps with who took each."""
        return [(one, self.names.get(one.taken_by_id or 0, "")) for one in self.steps]

    @property
    def review_is_late(self) -> bool:
        return bool(self.flag and self.flag.state == Flag.State.RAISED and self.flag.review_by <= clocks.now())


def safety_of(dispute: Dispute, story: Story, names: dict[int, str]) -> Safety:
    """The safety of a dispute the caller may read it of, with the names of the staff."""
    asked = story.looks
    seen = {str(one.sign): one.words for one in escalation_signs(dispute.facts)} if asked else {}
    looks = [LookLine(row, row.get_why_display(), seen.get(row.why, ())) for row in asked]
    return Safety(next(iter(story.flags), None), story.steps, looks, names, story.calls)


def flag_words(actor: Actor, dispute_id: int) -> str:
    """What was said when the flag was raised: a fresh second factor each time, and written down. Raises NotFound, ProveYourself."""
    demand_proof(actor)
    reach = [visible(can, actor, Dispute).filter(pk=dispute_id) for can in (Can.FLAG, Can.REVIEW_FLAG)]
    flag = Flag.objects.filter(dispute=dispute_id, state__in=Flag.UP).first()
    if flag is None or flag.note_id is None or not any(rows.exists() for rows in reach):
        raise NotFound
    opened = open_record(
        actor, flag.note_id, purpose=Purpose.DISPUTE, matter_kind=MatterKind.DISPUTE, matter_id=dispute_id
    )
    return opened["note"]


def address_of(actor: Actor, dispute: Dispute, party: Party) -> str:
    """An address set apart: where it is kept from others for the mediator and the commander alone, with a fresh second factor."""
    if party.address_id is None:
        return ""
    if dispute.protections.filter(party=party, step=Protection.Step.ADDRESS, ended_at=None).exists():
        demand_proof(actor)
        if not visible(Can.READ_ADDRESS, actor, Dispute).filter(pk=dispute.pk).exists():
            raise NotFound
    opened = open_record(
        actor, party.address_id, purpose=Purpose.DISPUTE, matter_kind=MatterKind.DISPUTE, matter_id=dispute.pk
    )
    return opened["address"]


@dataclass(frozen=True, slots=True)
class FlagLine:
    """A flag that is up, as the commander's page shows it: the dispute's number and kind, never who is in it."""

    flag: Flag
    dispute: Dispute
    by: str
    reviewed_by: str
    is_late: bool


def open_flags(actor: Actor) -> list[FlagLine]:
    """Flags that are up, those to be reviewed first. The look is written down. Raises ProveYourself."""
    demand_proof(actor)
    disputes = visible(Can.SEE_FLAG, actor, Dispute)
    rows = Flag.objects.filter(state__in=Flag.UP, dispute__in=disputes.values("pk"))
    flags = list(rows.select_related("dispute__desk").order_by("state", "review_by", "pk")[:MOST])
    write([draft("disputes.flags_listed", actor, {"number": len(flags)}, purpose=Purpose.DISPUTE.value)])
    names = names_of(_who(flags))
    at = clocks.now()
    return [
        FlagLine(
            one, one.dispute, names.get(one.raised_by_id or 0, ""), names.get(one.reviewed_by_id or 0, ""),
            one.state == Flag.State.RAISED and one.review_by <= at,
        )
        for one in flags
    ]  # fmt: skip


def _who(flags: Iterable[Flag]) -> Iterator[int]:
    for one in flags:
        yield from (pk for pk in (one.raised_by_id, one.reviewed_by_id) if pk is not None)


def looks_waiting(actor: Actor) -> list[PleaseLook]:
    """Questions nobody has answered yet, on disputes the actor may answer for, the oldest first."""
    disputes = visible(Can.ANSWER_LOOK, actor, Dispute).filter(state__in=Dispute.LIVE)
    rows = PleaseLook.objects.filter(answer="", dispute__in=disputes.values("pk"))
    return list(rows.select_related("dispute__desk").order_by("asked_at", "pk")[:MOST])


@dataclass(frozen=True, slots=True)
class OwnFlag:
    """What a party is told of a flag once another person reviewed it: that it stands, since when, until when. No reasons, no names."""

    since: dt.datetime
    until: dt.datetime


def own_flag(story: Story) -> OwnFlag | None:
    """The reviewed flag of a party's own dispute."""
    flag = next((one for one in story.flags if one.state == Flag.State.STANDING), None)
    return OwnFlag(flag.raised_at, flag.ends_at) if flag else None
