"""What a paper says, as values without labels: the same words in whatever language its labels are printed.

Telephones, addresses and document numbers are not on any paper: the parties write them by hand where an office asks for them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from jiean.disputes.models import Agreement, CallBack, Dispute, Manner, Paper, PaperKind, Party, Talk
from jiean.kernel import clocks
from jiean.kernel.errors import IllegalMove, Invalid

Content = dict[str, Any]
_SALT = "jiean.disputes.paper"


@dataclass(frozen=True, slots=True)
class Side:
    """A party at the table and its name, opened for this paper."""

    party: Party
    name: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a paper may be made of; what its kind does not need stays empty."""

    dispute: Dispute
    sides: Sequence[Side]
    mediator: str
    agreement: Agreement | None = None
    talk: Talk | None = None
    notes: str = ""
    request: str = ""
    call_backs: Sequence[CallBack] = ()
    papers: Sequence[Paper] = ()


def composed(kind: PaperKind, facts: Facts) -> Content:
    """What the paper says. Raises IllegalMove where the dispute has not come so far, Invalid where something is missing."""
    dispute = facts.dispute
    if not facts.sides:
        raise IllegalMove(_("还没有登记当事人，开不了文书。"))
    common = {
        "kind": str(kind), "dispute": dispute.number, "about": dispute.kind, "manner": dispute.manner,
        "desk": dispute.desk.name, "mediator": facts.mediator, "sides": [_side(one) for one in facts.sides],
    }  # fmt: skip
    return common | _BY_KIND[kind](facts)


def _side(side: Side) -> Content:
    party = side.party
    return {"id": party.pk, "standing": party.standing, "nature": party.nature, "minor": party.is_minor,
            "for": party.speaks_for_id, "name": side.name}  # fmt: skip


def _day(at: dt.datetime | None) -> str:
    return clocks.local_day(at).isoformat() if at else ""


def _application(facts: Facts) -> Content:
    if not facts.request.strip():
        raise Invalid(request=_("请写明申请调解的事项。"))
    return {"facts": facts.dispute.facts, "request": facts.request.strip(), "day": _day(facts.dispute.registered_at)}


def _acceptance(facts: Facts) -> Content:
    dispute = facts.dispute
    if dispute.accepted_at is None:
        raise IllegalMove(_("还没有受理，不能开受理告知书。"))
    return {"day": _day(dispute.accepted_at), "open": dispute.is_open}


def _record(facts: Facts) -> Content:
    if facts.talk is None or not facts.notes:
        raise Invalid(talk_id=_("请选择有笔录的一次调解会。"))
    at = clocks.local(facts.talk.at)
    return {"at": f"{at:%Y-%m-%d %H:%M}", "place": facts.talk.place_words, "notes": facts.notes}


def _agreed(oral: bool) -> Callable[[Facts], Content]:
    def agreed(facts: Facts) -> Content:
        agreement = facts.agreement
        if agreement is None or agreement.oral != oral:
            raise IllegalMove(_("没有口头协议。") if oral else _("没有书面协议，请先记下协议内容。"))
        named = ("facts", "liability", "terms", "performance")
        said = {name: getattr(agreement, name) for name in named}
        return said | {"perform_by": agreement.perform_by.isoformat(), "day": _day(agreement.effective_at)}

    return agreed


def _failure(facts: Facts) -> Content:
    if facts.dispute.outcome != "failed":
        raise IllegalMove(_("只有调解不成的，才开调解不成告知书。"))
    return {"day": _day(facts.dispute.ended_at)}


def _confirmation(facts: Facts) -> Content:
    """The court confirms agreements of people's mediation (People's Mediation Law, article 33)."""
    dispute, agreement = facts.dispute, facts.agreement
    if agreement is None or dispute.outcome != "settled" or dispute.manner != Manner.PEOPLE:
        raise IllegalMove(_("只有人民调解达成的协议，才能共同申请司法确认。"))
    return {
        "terms": agreement.terms,
        "perform_by": agreement.perform_by.isoformat(),
        "day": _day(agreement.effective_at),
    }


def _call_backs(facts: Facts) -> Content:
    if not facts.call_backs:
        raise IllegalMove(_("还没有回访记录。"))
    kept = [
        {"day": _day(one.at), "kept": one.kept, "satisfied": one.satisfied, "recurred": one.recurred, "note": one.note}
        for one in facts.call_backs
    ]
    return {"lines": kept}


def _cover(facts: Facts) -> Content:
    dispute = facts.dispute
    if not dispute.outcome:
        raise IllegalMove(_("调解有了结果，才能装卷。"))
    days = {name: _day(getattr(dispute, name)) for name in ("registered_at", "accepted_at", "ended_at")}
    return days | {"outcome": dispute.outcome, "papers": len(facts.papers)}


def _index(facts: Facts) -> Content:
    if not facts.papers:
        raise IllegalMove(_("卷里还没有文书。"))
    lines = [
        {"kind": one.kind, "number": one.number, "edition": one.edition,
         "day": _day(one.issued_at)}
        for one in facts.papers
    ]  # fmt: skip
    return {"lines": lines}


_BY_KIND: dict[PaperKind, Callable[[Facts], Content]] = {
    PaperKind.APPLICATION: _application,
    PaperKind.ACCEPTANCE: _acceptance,
    PaperKind.RECORD: _record,
    PaperKind.AGREEMENT: _agreed(oral=False),
    PaperKind.ORAL: _agreed(oral=True),
    PaperKind.FAILURE: _failure,
    PaperKind.CONFIRMATION: _confirmation,
    PaperKind.CALL_BACK: _call_backs,
    PaperKind.COVER: _cover,
    PaperKind.INDEX: _index,
}


def kept_words(content: Content) -> str:
    """The content as one line, the same for the same content: what is sealed, and what the digest is made of."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_words(words: str) -> Content:
    """The content from its line."""
    read: Content = json.loads(words)
    return read


def digest_of(number: str, edition: int, content: Content, *, secret: str | None = None) -> str:
    """The keyed hash of a paper, 64 hex signs."""
    given = secret or settings.SECRET_KEY
    return salted_hmac(_SALT, f"{number}|{edition}|{kept_words(content)}", secret=given, algorithm="sha256").hexdigest()


def proves(digest: str, number: str, edition: int, content: Content) -> bool:
    """Whether a digest is of this content, under the station's secret or one it had before."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    matches = [constant_time_compare(digest_of(number, edition, content, secret=str(one)), digest) for one in secrets]
    return any(matches)
