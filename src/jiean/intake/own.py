"""What a reporter may ask at any time: what is held of them, why, until when, and who has looked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.models import Incident
from jiean.intake.access import Can
from jiean.intake.models import ENDED, Report, RightsRequest
from jiean.intake.queries import Detail
from jiean.kernel import clocks
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.holds import hold_on
from jiean.kernel.models import AuditEntry
from jiean.kernel.registry import BASIS_WORDS, FOR_WORDS, KEEPING_WORDS, PERIODS, Held, Keeping, registry
from jiean.people.queries import bodies_of
from jiean.vault.models import MatterKind, Purpose
from jiean.vault.queries import hidden_looks, masked

Words = str | Promise
LOOKS_SHOWN = 200
_WHAT: dict[str, Words] = {
    "intake.report_read": _("打开了上报"),
    "intake.photo_seen": _("看了照片"),
    "vault.opened": _("打开了联系方式"),
    "vault.glass_broken": _("因生命危险紧急打开"),
    "vault.glass_read": _("紧急打开后看了内容"),
    "dispatch.incident_read": _("打开了警情"),
}
"""The looks that are told, by the audit's name for them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is held: its name, what stands there, and what the registry says of it. ``until`` None: not known yet."""

    field: str
    label: Words
    value: str
    held: Held
    until: dt.datetime | None

    @property
    def purpose(self) -> Words:
        return FOR_WORDS[self.held.purpose]

    @property
    def basis(self) -> Words:
        return BASIS_WORDS[self.held.basis]

    @property
    def kept(self) -> Words:
        return KEEPING_WORDS[self.held.keeping]


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked: in which role, of which body, at what, what for and when; a name only on complaint (TRUST, 10)."""

    role: str
    unit: str
    what: Words
    purpose: str
    at: dt.datetime


def looks(report: Report) -> list[Look]:
    """Who looked at this report, its pictures, its contact or the incident made of it, newest first, from the audit.

    Looks through broken glass are told once an auditor says that it is safe, or three days later (TRUST, sections 6 and 10).
    """
    hidden = hidden_looks(MatterKind.REPORT, report.pk)
    subject = Q(subject_kind=str(MatterKind.REPORT), subject_id=report.pk)
    if report.incident_id is not None:
        hidden += hidden_looks(MatterKind.INCIDENT, report.incident_id)
        subject |= Q(subject_kind=str(MatterKind.INCIDENT), subject_id=report.incident_id)
    entries = AuditEntry.objects.filter(subject, action__in=_WHAT, outcome=AuditEntry.Outcome.DONE)
    rows = list(entries.order_by("-id").values_list("role", "account_id", "action", "purpose", "at")[:LOOKS_SHOWN])
    bodies = bodies_of(account_id for _role, account_id, *_rest in rows if account_id)
    return [
        Look(
            role=str(Role(role).label),
            unit=bodies.get(account_id or 0, settings.STATION_NAME),
            what=_WHAT[action],
            purpose=str(Purpose(purpose).label) if purpose in Purpose.values else "",
            at=at,
        )
        for role, account_id, action, purpose, at in rows
        if not any(account_id == who and since <= at <= until for who, since, until in hidden)
    ]


def held_of(detail: Detail) -> list[Line]:
    """Everything held of the one who reported, field by field; the contact masked, as nobody has shown to be that person."""
    return [line for line in (*_own_lines(detail), *_contact_lines(detail.report), *_added_lines(detail)) if line.value]


def grouped(lines: Sequence[Line]) -> list[tuple[Line, list[Line]]]:
    """Lines that share purpose, basis and end together, so that a page says these once; the first speaks for its group."""
    groups: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.held.purpose, line.held.basis, line.held.keeping, line.until), []).append(line)
    return [(group[0], group) for group in groups.values()]


def _own_lines(detail: Detail) -> Iterator[Line]:
    report = detail.report
    point = f"{report.lat:.5f}, {report.lon:.5f}" if report.lat is not None and report.lon is not None else ""
    cell = str(report.cell) if report.cell else ""
    given: dict[str, str] = {
        "text": report.text,
        "place_words": report.place_words,
        "lon": point,
        "cell": cell,
        "premises": report.premises.name if report.premises else "",
        "channel": str(report.get_channel_display()),
        "kind": str(report.get_kind_display()),
        "urgency": str(report.get_urgency_display()),
        "state": str(report.get_state_display()),
        "outcome": str(report.get_outcome_display()),
        "answer": report.answer,
        "satisfaction_note": report.satisfaction_note,
        "device_at": _shown(report.device_at),
        "made_at": _shown(report.made_at),
        "received_at": _shown(report.received_at),
        "advice": str(_("按您的话自动提出的类型、级别和去向；由人决定")) if report.advice else "",
    }
    for name, value in given.items():
        label = _("地图上的点") if name == "lon" else report._meta.get_field(name).verbose_name  # type: ignore[union-attr]
        yield _line(f"intake.report.{name}", label, value, report)


def _contact_lines(report: Report) -> Iterator[Line]:
    contact = masked([report.contact_id]).get(report.contact_id or 0, {})
    for name, label in (("name", _("称呼")), ("phone", _("电话"))):
        yield _line("vault.sealedrecord.masked", label, contact.get(name, ""), report)


def _added_lines(detail: Detail) -> Iterator[Line]:
    report = detail.report
    for one in detail.supplements:
        yield _line("intake.supplement.text", _("补充"), one.text, report)
    if detail.photos:
        yield _line("intake.photo.name", _("照片"), str(_("%(n)d 张") % {"n": len(detail.photos)}), report)
    for sent in detail.referrals:
        yield _line("intake.referral.reason", _("转给"), f"{sent.organisation.name} {sent.reason}".strip(), report)
    if report.incident_id is not None and not _incident_erased(report.incident_id):
        copied = str(_("内容和地点已抄入警情，由派出所处置"))
        yield _line("dispatch.incident.summary", _("警情记录"), copied, report)


def _incident_erased(incident_id: int) -> bool:
    return Incident.objects.filter(pk=incident_id, erased_at__isnull=False).exists()


def _line(field: str, label: Words, value: str, report: Report) -> Line:
    table, _dot, name = field.rpartition(".")
    held = registry()[table][name]
    return Line(field, label, value, held, kept_until(report, held.keeping))


def kept_until(report: Report, keeping: Keeping) -> dt.datetime | None:
    """When it ends, once the report is finished; None while it is still open."""
    period = PERIODS[keeping]
    merged = report.state == Report.State.MERGED and not (report.merged_into and report.merged_into.is_open)
    finished = report.state in ENDED or merged
    return report.updated_at + period if period and finished else None


def rights_of(report: Report) -> list[RightsRequest]:
    """What was asked about this report's data, newest first."""
    return list(report.rights_requests.order_by("-pk"))


def open_rights(actor: Actor) -> list[RightsRequest]:
    """What reporters ask about their own data and still waits, the first due first."""
    rows = visible(Can.ANSWER_RIGHTS, actor, RightsRequest).filter(state=RightsRequest.State.OPEN)
    return list(rows.select_related("report").order_by("due_at", "pk")[:200])


def _shown(at: dt.datetime | None) -> str:
    return f"{clocks.local(at):%Y-%m-%d %H:%M}" if at else ""


def _hold_of(report: Report) -> dict[str, str] | None:
    held = hold_on(MatterKind.REPORT, report.pk)
    return {"ground": str(held.get_ground_display()), "review_at": held.review_at.isoformat()} if held else None


def as_document(detail: Detail) -> dict[str, object]:
    """The same as plain data, for the reporter to take along."""
    report = detail.report
    return {
        "station": settings.STATION_NAME, "made_at": clocks.now().isoformat(), "hold": _hold_of(report),
        "number": report.number,
        "held": [
            {
                "field": line.field, "label": str(line.label), "value": line.value, "class": str(line.held.data_class),
                "purpose": str(line.purpose), "basis": str(line.basis), "kept": str(line.kept),
                "until": line.until.isoformat() if line.until else None,
            }
            for line in held_of(detail)
        ],
        "looks": [
            {"at": look.at.isoformat(), "role": look.role, "unit": look.unit, "what": str(look.what), "for": look.purpose}
            for look in looks(report)
        ],
        "requests": [
            {
                "kind": one.kind, "about": one.about, "state": one.state, "words": one.words, "ground": one.ground,
                "answer": one.answer, "asked_at": one.created_at.isoformat(), "due_at": one.due_at.isoformat(),
            }
            for one in rights_of(report)
        ],
    }  # fmt: skip
