"""One dispute's page: the story in one column, and what can be done next."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jiean.design.clash import retyped, side_by_side
from jiean.disputes import tracking
from jiean.disputes.access import Can
from jiean.disputes.advice import MediatorAdvice, Proposal, propose_desk, rank_mediators
from jiean.disputes.models import Dispute, JoinedBody, Party, Talk
from jiean.disputes.pages.choosing import SHOWN, TeamForm, fill, wishes
from jiean.disputes.pages.deeds import DEEDS, Deed, drop_side
from jiean.disputes.pages.forms import (
    AskBodyForm,
    CallBackForm,
    DeskForm,
    MeetingForm,
    PaperForm,
    ProtectForm,
    ReleaseForm,
    SideForm,
    TalkForm,
    WithdrawForm,
)
from jiean.disputes.pages.joint import JOINT
from jiean.disputes.pages.precedents import READERS, WRITERS
from jiean.disputes.pages.safety import KEEPERS, SAFETY
from jiean.disputes.queries import (
    Detail,
    Offers,
    Part,
    address_of,
    dispute_detail,
    flag_words,
    mediating_role,
    offers,
    place_shown,
    reminders,
    taught,
)
from jiean.disputes.steps import clock_lines, desk_steps
from jiean.engine.mediators import Wish
from jiean.kernel import clocks
from jiean.kernel.access import demand_proof, visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.audit import record_read
from jiean.kernel.errors import Conflict, NotFound
from jiean.kernel.http import actor_of, attempt, door
from jiean.people.commands import read_message
from jiean.people.models import Organisation
from jiean.vault.commands import open_record
from jiean.vault.models import MatterKind, Purpose

STAFF = (Role.COMMANDER, Role.DISPATCHER, Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR)
_DIVERTS = {"divert", "rule"}
CORRECTED = ("kind", "level", "amount_yuan", "people_count")
ALL_DEEDS = DEEDS | SAFETY | JOINT
_ASKED = (Can.DIVERT, Can.ARRANGE, Can.MEDIATE, Can.RULE, Can.ISSUE, Can.STAND_BACK, Can.FLAG, Can.REVIEW_FLAG, Can.PROTECT,
          Can.ANSWER_LOOK)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A deed as the page shows it: with its form, open where that came back refused."""

    name: str
    deed: Deed
    form: forms.Form
    open: bool


@door(*STAFF)
@require_GET
def dispute_page(request: HttpRequest, dispute_id: int) -> HttpResponseBase:
    """The page; whoever opens it has heard what they were reminded of."""
    actor = actor_of(request)
    context = page_of(actor, dispute_id)
    for message, row in reminders(actor):
        if row.pk == dispute_id:
            read_message(actor, message.pk)
    return render(request, "disputes/dispute.html", context)


def page_of(
    actor: Actor,
    dispute_id: int,
    sent: Mapping[str, forms.Form] | None = None,
    wished: Sequence[Wish] = (),
    **given: Any,
) -> dict[str, Any]:
    """Everything the page shows to this actor; ``sent`` are forms that were refused, by deed."""
    detail = dispute_detail(actor, dispute_id, _ASKED)
    reach = detail.reach
    reach[Can.ANSWER_LEG] = detail.running_leg is not None and _answers(actor, detail)
    offered = {name: deed for name, deed in ALL_DEEDS.items() if deed.offered(detail, reach)}
    lines = [
        Line(name, deed, (sent or {}).get(name) or _form(name, deed, detail), name in (sent or {}))
        for name, deed in offered.items()
    ]
    given_to = offers(_parts(offered), role=mediating_role(detail.dispute))
    ranked = rank_mediators(detail.dispute, detail.story, wished, given_to.mediators) if "mediator" in offered else []
    proposal = propose_desk(detail.dispute, detail.story, given_to) if _DIVERTS & set(offered) else None
    _offer(detail, [line.form for line in lines], ranked, proposal, given_to)
    state = detail.dispute.state
    context: dict[str, Any] = {
        "detail": detail,
        "dispute": detail.dispute,
        "steps": desk_steps(detail),
        "clock_lines": clock_lines(detail.running_clocks, clocks.now()),
        "main": [line for line in lines if state in line.deed.main],
        "others": [line for line in lines if state not in line.deed.main and not line.deed.card],
        "may_arrange": reach[Can.ARRANGE],
        "papers": detail.papers,
        "proposal": proposal if "divert" in offered else None,
    }
    return context | _cards(actor, detail, lines, reach) | _chosen(detail, ranked, wished) | given


def _parts(offered: Mapping[str, Deed]) -> list[Part]:
    """What the forms of these deeds offer to choose from."""
    wanted = {
        Part.MEDIATORS: "mediator" in offered,
        Part.RULES: bool(_DIVERTS & set(offered)),
        Part.DESKS: any(issubclass(deed.form, AskBodyForm | DeskForm) for deed in offered.values()),
        Part.ROOMS: any(issubclass(deed.form, MeetingForm) for deed in offered.values()),
        Part.TEAMS: any(issubclass(deed.form, TeamForm) for deed in offered.values()),
    }
    return [part for part, asked in wanted.items() if asked]


def _cards(actor: Actor, detail: Detail, lines: Sequence[Line], reach: Mapping[Can, bool]) -> dict[str, Any]:
    """Deeds that stand in a card of their own."""
    dispute = detail.dispute
    return {
        "may_beside": detail.may_read and dispute.is_live and not dispute.outcome and actor.role in READERS,
        "may_teach": actor.role in WRITERS and reach[Can.ARRANGE] and taught(dispute),
        "safety_lines": [line for line in lines if line.deed.card == "safety" and not _own_review(actor, detail, line)],
        "joint_lines": [line for line in lines if line.deed.card == "joint"],
        "may_protect": reach[Can.PROTECT],
        "may_flag_words": reach[Can.FLAG] or reach[Can.REVIEW_FLAG],
    }


def _own_review(actor: Actor, detail: Detail, line: Line) -> bool:
    """Nobody is shown the review of what they raised themselves."""
    flag = detail.safety.flag if detail.safety else None
    return line.name == "review" and flag is not None and flag.raised_by_id == actor.account_id


def _chosen(detail: Detail, ranked: Sequence[MediatorAdvice], wished: Sequence[Wish]) -> dict[str, Any]:
    """Whom the page proposes as mediator, and whether parties' wishes are still sealed."""
    fit = [one for one in ranked if not one.barred]
    sealed = any(one.party.speech_id for one in detail.parties)
    return {
        "proposed": fit[:SHOWN],
        "others_fit": fit[SHOWN:],
        "barred": [one for one in ranked if one.barred],
        "wishes_sealed": sealed and not wished,
        "wishes_withheld": not detail.may_read,
    }


def _answers(actor: Actor, detail: Detail) -> bool:
    leg = detail.running_leg
    desk = actor.role in (Role.COMMANDER, Role.DISPATCHER)
    return leg is not None and (desk or leg.organisation_id == actor.organisation_id)


def _form(name: str, deed: Deed, detail: Detail) -> forms.Form:
    started: dict[str, Any] = {"version": detail.dispute.version}
    if deed.form is TalkForm:
        started |= {"at": clocks.local(clocks.now()).replace(second=0, microsecond=0), "key": secrets.token_urlsafe(16)}
    for column in ("manner",) if name == "manner" else CORRECTED if name == "correct" else ():
        started[column] = getattr(detail.dispute, column)
    return deed.form(initial=started, auto_id=f"{name}_%s")


def _offer(
    detail: Detail,
    shown: Sequence[forms.Form],
    ranked: list[MediatorAdvice],
    proposal: Proposal | None,
    given_to: Offers,
) -> None:
    """Fill the lists to choose from."""
    desks = desk_choices(given_to.desks, detail.dispute)
    parties = [(one.party.pk, one.label) for one in detail.parties]
    for form in shown:
        fill(form, detail, ranked, given_to)
        if isinstance(form, AskBodyForm):
            form.offer(desks)
        elif isinstance(form, ReleaseForm):
            form.offer(
                [(one.row.pk, one.row.organisation.name) for one in detail.bodies if one.row.state in JoinedBody.OPEN]
            )
        elif isinstance(form, DeskForm):
            form.offer(desks)
            form.initial.setdefault("organisation_id", proposal.desk.pk if proposal else None)
        elif isinstance(form, WithdrawForm | CallBackForm | ProtectForm):
            form.offer([("", "—"), *parties])
        elif isinstance(form, PaperForm):
            form.offer([("", "—"), *((talk.pk, _met(talk)) for talk in detail.talks if talk.note_id)])
        elif isinstance(form, SideForm):
            sides = [(one.party.pk, one.label) for one in detail.parties if one.party.standing in Party.SIDES]
            form.offer(sides)


def _met(talk: Talk) -> str:
    return f"{clocks.local(talk.at):%Y-%m-%d %H:%M} {talk.place_words}".strip()


def desk_choices(desks: Sequence[Organisation], dispute: Dispute | None = None) -> list[tuple[int, str]]:
    """The eight desks to choose from; of a dispute, without the one that has it."""
    but = dispute.desk_id if dispute is not None and not dispute.needs_ruling else None
    return [(one.pk, one.name) for one in desks if one.pk != but]


@door(*STAFF)
@require_POST
def deed(request: HttpRequest, dispute_id: int, name: str) -> HttpResponseBase:
    """One deed. A refused form comes back on the page with what was typed."""
    actor = actor_of(request)
    if name == "drop":
        drop_side(actor, request.POST.get("party", ""))
        return _done(request, dispute_id)
    if name not in ALL_DEEDS:
        raise NotFound
    form = ALL_DEEDS[name].form(request.POST, auto_id=f"{name}_%s")
    try:
        if form.is_valid() and _ran(actor, dispute_id, name, form):
            return _done(request, dispute_id)
    except Conflict as clash:
        return _came_second(request, dispute_id, name, form, clash)
    return render(request, "disputes/dispute.html", page_of(actor, dispute_id, {name: form}), status=422)


def _ran(actor: Actor, dispute_id: int, name: str, form: forms.Form) -> bool:
    """Whether the deed was done; a refusal by words stands in the form."""

    def run() -> bool:
        ALL_DEEDS[name].run(actor, dispute_id, dict(form.cleaned_data))
        return True

    return attempt(form, run) is not None


def _done(request: HttpRequest, dispute_id: int) -> HttpResponseBase:
    """Back to the dispute, or to the list where it is the actor's no more or over."""
    messages.success(request, _("已保存。"))
    if "X-Outbox" in request.headers:  # its page opens the next one itself, and finds the word of success there
        return HttpResponse(status=201)
    actor = actor_of(request)
    row = visible(Can.SEE, actor, Dispute).filter(pk=dispute_id).only("state").first()
    if row is None or row.is_finished:
        return redirect("disputes:list")
    return redirect("disputes:dispute", dispute_id)


def _came_second(
    request: HttpRequest, dispute_id: int, name: str, form: forms.Form, clash: Conflict
) -> HttpResponseBase:
    """What was set beside what stands now; the words stay in their form."""
    if clash.current is None:
        raise clash
    again = {name: retyped(form, clash.current.version)}
    context = page_of(actor_of(request), dispute_id, again, clash=side_by_side(clash.current, form))
    return render(request, "disputes/dispute.html", context, status=409)


@door(*STAFF)
@require_POST
@never_cache
def open_party(request: HttpRequest, dispute_id: int, party_id: int) -> HttpResponseBase:
    """Who a party is and how to reach them; the look is recorded."""
    actor = actor_of(request)
    party = _party(actor, dispute_id, party_id)
    if party.record_id is None:
        raise NotFound
    opened = open_record(
        actor, party.record_id, purpose=Purpose.DISPUTE, matter_kind=MatterKind.DISPUTE, matter_id=dispute_id
    )
    opened |= {"address": _address(actor, party, opened)}
    context = page_of(actor, dispute_id, opened=opened, opened_id=party_id)
    return render(request, "disputes/dispute.html", context)


def _address(actor: Actor, party: Party, opened: Mapping[str, str]) -> str:
    """Nobody's of the dispute while one is kept from the actor: those at odds may live under one roof."""
    if not place_shown(actor, party.dispute):
        return ""
    return address_of(actor, party.dispute, party) or opened.get("address", "")


def _party(actor: Actor, dispute_id: int, party_id: int) -> Party:
    rows = visible(Can.READ, actor, Dispute).filter(pk=dispute_id)
    found = (
        Party.objects.filter(pk=party_id, dispute__in=rows.values("pk"), left_at=None).select_related("dispute").first()
    )
    if found is None:
        raise NotFound
    return found


@door(*STAFF)
@require_POST
@never_cache
def ranked(request: HttpRequest, dispute_id: int) -> HttpResponseBase:
    """The page with mediators ranked by what the parties wished for; each wish opened is written down."""
    actor = actor_of(request)
    if not visible(Can.ARRANGE, actor, Dispute).filter(pk=dispute_id).exists():
        raise NotFound
    context = page_of(actor, dispute_id, wished=wishes(actor, dispute_id))
    return render(request, "disputes/dispute.html", context)


@door(*STAFF)
@require_POST
@never_cache
def open_talk(request: HttpRequest, dispute_id: int, talk_id: int) -> HttpResponseBase:
    """The notes of one meeting: a fresh second factor each time, one meeting at a time."""
    actor = actor_of(request)
    demand_proof(actor)
    rows = visible(Can.READ, actor, Dispute).filter(pk=dispute_id)
    talk = Talk.objects.filter(pk=talk_id, dispute__in=rows.values("pk")).first()
    if talk is None or talk.note_id is None:
        raise NotFound
    opened = open_record(
        actor, talk.note_id, purpose=Purpose.DISPUTE, matter_kind=MatterKind.DISPUTE, matter_id=dispute_id
    )
    context = page_of(actor, dispute_id, notes=opened.get("note", ""), notes_id=talk_id)
    return render(request, "disputes/dispute.html", context)


@door(*KEEPERS)
@require_POST
@never_cache
def open_flag(request: HttpRequest, dispute_id: int) -> HttpResponseBase:
    """What was said when the flag was raised: a fresh second factor each time."""
    actor = actor_of(request)
    said = flag_words(actor, dispute_id)
    return render(request, "disputes/dispute.html", page_of(actor, dispute_id, flag_words=said))


@door(*STAFF)
@require_GET
@never_cache
def slip(request: HttpRequest, dispute_id: int, party_id: int) -> HttpResponse:
    """The sheet a party is handed: number, own code, rights; printed by who arranges the mediation. Written down."""
    actor = actor_of(request)
    if not visible(Can.ARRANGE, actor, Dispute).filter(pk=dispute_id).exists():
        raise NotFound
    party = _party(actor, dispute_id, party_id)
    dispute = Dispute.objects.select_related("desk").get(pk=dispute_id)
    record_read(actor, "disputes.slip", subject=(str(MatterKind.DISPUTE), dispute_id), purpose=Purpose.DISPUTE.value)
    code = tracking.code_of(dispute.number, party.pk)
    address = request.build_absolute_uri(reverse("disputes:track"))
    picture = segno.make(f"{address}?number={dispute.number}", error="m", micro=False).svg_data_uri(scale=5, border=2)
    context = {"dispute": dispute, "party": party, "code": code, "qr": picture, "address": address}
    return render(request, "disputes/slip.html", context)
