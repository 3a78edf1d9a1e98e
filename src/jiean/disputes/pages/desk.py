"""Lists, the first word, the overview, and the rules."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from jiean.design.words import listed
from jiean.disputes import commands, queries
from jiean.disputes.access import Can
from jiean.disputes.models import OUTCOMES, Channel, Dispute, Kind, Party, PoliceGround
from jiean.disputes.pages.dispute import STAFF, desk_choices
from jiean.disputes.pages.forms import EntryForm, RuleForm
from jiean.disputes.pages.returns import band_words, day_in
from jiean.disputes.rules import CLOCKS, POLICE_MAY_MEDIATE, POLICE_MAY_NOT, POLICE_SOURCE
from jiean.grid.models import Community
from jiean.grid.queries import bounds, cells
from jiean.kernel.access import holds, visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.http import actor_of, attempt, door, is_fragment, row_ids

REGISTRARS = (*STAFF, Role.INSPECTOR, Role.VOLUNTEER, Role.GUARD, Role.SCHOOL)
COUNTERS = (Role.COMMANDER, Role.DISPATCHER)
PARTNERS = (Role.VOLUNTEER, Role.GUARD, Role.SCHOOL)
"""Who tells of a dispute for a body that works with the station: without names, and to see no more of it (TRUST, section 5)."""
_NAMES = ("applicant_name", "applicant_phone", "respondent_name", "respondent_phone", "respondent_org")


def chosen(request: HttpRequest) -> queries.Filter:
    """The filter in the address; what makes no sense there is left out. Words come by POST and stand in no address."""
    given = request.GET
    states = tuple(state for state in given.getlist("state") if state in Dispute.State.values)
    return queries.Filter(
        states=states,
        kind=given.get("kind", "") if given.get("kind") in Kind.values else "",
        cell_id=_number(given.get("cell", "")),
        desk_id=_number(given.get("desk", "")),
        late=given.get("late") == "1",
        ruling=given.get("ruling") == "1",
        mine=given.get("mine") == "1",
        stray=given.get("stray") == "1",
        outcome=given.get("outcome", "") if given.get("outcome") in queries.ENDS else "",
        **_of_the_return(given),
        **_of_the_overview(given),
        words=request.POST.get("q", "")[:60].replace("\x00", "").strip(),
    )


def _of_the_return(given: QueryDict) -> dict[str, Any]:
    """What a number of the return opens: its days, and its band."""
    since, until = (day_in(given.get(name, "")) for name in ("since", "until"))
    whole = {"since": since, "until": until} if since and until and since <= until else {}
    bands = {"amount": queries.AMOUNTS, "people": queries.PEOPLE}
    places = {name: one.place for name, known in bands.items() for one in known if given.get(name) == str(one.place)}
    return whole | places | {"every": given.get("every") == "1"}


def _desks() -> list[tuple[int, str]]:
    """All desks, to choose from and to name."""
    return desk_choices(queries.offers([queries.Part.DESKS]).desks)


def _of_the_overview(given: QueryDict) -> dict[str, Any]:
    """Which of its figures it is; where the first word came from, how long ago, at which post."""
    ages = {str(place): place for place in range(len(queries.AGE_LABELS))}
    channel = given.get("channel", "")
    return {
        "channel": channel if channel in Channel.values else "",
        "among": given.get("among", "") if given.get("among") in queries.AMONG else "",
        "age": ages.get(given.get("age", "")),
        "post_id": _number(given.get("post", "")),
    }


def _number(words: str) -> int | None:
    return next(iter(row_ids([words])), None)


@door(*STAFF)
def disputes(request: HttpRequest) -> HttpResponseBase:
    """The list by clock, and what waits for a signature; the fragment alone when the live page asks."""
    actor = actor_of(request)
    wanted = chosen(request)
    seen = queries.seen(actor)
    found = queries.listed(actor, wanted, page=_number(request.GET.get("page", "")) or 1, among=seen)
    pager = Paginator(range(found.total), queries.PAGE_SIZE).page(found.page)
    lines = [(row, queries.clock_words(row.dispute.due_code)) for row in found.rows]
    context: dict[str, Any] = {
        "found": found, "lines": lines, "pager_page": pager, "wanted": wanted, "filters": _filters(wanted),
    }  # fmt: skip
    if is_fragment(request):
        return render(request, "disputes/_list.html", context)
    context |= {
        "to_sign": queries.asked(actor),
        "joinings": queries.own_joinings(actor) if actor.organisation_id else [],
        "reminders": queries.reminders(actor, seen),
        "today": queries.own_today(actor, seen),
        "kinds": Kind.choices,
        "states": Dispute.State.choices,
        "may_count": actor.role in COUNTERS,
        "may_see_mediators": holds(Can.SEE_MEDIATORS, actor),
        "may_precedents": actor.role != Role.DISPATCHER,
        "may_flags": actor.role == Role.COMMANDER,
    }
    return render(request, "disputes/list.html", context)


def _filters(wanted: queries.Filter) -> dict[str, Any]:
    """The filters that are on: their words by their name in the address."""
    labels: dict[str, Any] = {}
    if wanted.states:
        labels["state"] = listed(str(Dispute.State(state).label) for state in wanted.states)
    labels |= {"kind": Kind(wanted.kind).label} if wanted.kind else {}
    labels |= {"desk": dict(_desks()).get(wanted.desk_id, _("负责单位"))} if wanted.desk_id else {}
    labels |= {"cell": _("网格")} if wanted.cell_id else {}
    labels |= {"channel": Channel(wanted.channel).label} if wanted.channel else {}
    labels |= {"age": queries.AGE_LABELS[wanted.age]} if wanted.age is not None else {}
    labels |= {"post": _("蜂巢站点")} if wanted.post_id else {}
    labels |= {"outcome": OUTCOMES.get(wanted.outcome, _("还在办"))} if wanted.outcome else {}
    labels |= {"late": _("只看超时")} if wanted.late else {}
    labels |= {"ruling": _("只看待裁定")} if wanted.ruling else {}
    labels |= {"mine": _("我调解的")} if wanted.mine else {}
    labels |= {"every": _("不论状态")} if wanted.every else {}
    labels |= {"since": _("从 %(day)s 起") % {"day": wanted.since}} if wanted.since else {}
    labels |= {"until": _("到 %(day)s") % {"day": wanted.until}} if wanted.until else {}
    labels |= {"amount": _banded(queries.AMOUNTS, wanted.amount)} if wanted.amount is not None else {}
    labels |= {"people": _banded(queries.PEOPLE, wanted.people)} if wanted.people is not None else {}
    labels |= {"among": queries.AMONG[wanted.among].label} if wanted.among else {}
    labels |= {"stray": _("没有负责单位的")} if wanted.stray else {}
    return labels


def _banded(bands: tuple[queries.Band, ...], place: int) -> str:
    return band_words(next(one for one in bands if one.place == place), money=bands is queries.AMOUNTS)


@door(*REGISTRARS)
def entry(request: HttpRequest) -> HttpResponseBase:
    """The first word, from any phone: kind, facts, done."""
    actor = actor_of(request)
    known = cells()
    own = [cell for cell in known if cell.pk in actor.cell_ids]
    offered = [(cell.pk, str(cell)) for cell in own or known]
    named = _number(request.GET.get("ticket", ""))
    ticket = queries.ticket_of(actor, named) if named else None
    started = {
        "ticket_id": ticket.pk if ticket else None,
        "key": secrets.token_urlsafe(16),
        "cell_id": own[0].pk if len(own) == 1 else None,
    }
    form = EntryForm(request.POST or None, initial=started, cells=offered)
    for name in _NAMES if actor.role in PARTNERS else ():
        del form.fields[name]
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _registered(actor, dict(form.cleaned_data)))
        if made is not None:
            messages.success(request, _("已登记 %(number)s。") % {"number": made.number})
            return _after(actor, made)
    return render(request, "disputes/entry.html", {"form": form, "ticket": ticket}, status=422 if form.errors else 200)


def _registered(actor: Actor, given: dict[str, Any]) -> Dispute:
    sides = []
    for who, standing in (("applicant", Party.Standing.APPLICANT), ("respondent", Party.Standing.RESPONDENT)):
        name, phone = given.pop(f"{who}_name", ""), given.pop(f"{who}_phone", "")
        org = bool(given.pop(f"{who}_org", False))
        nature = Party.Nature.ORGANISATION if org else Party.Nature.PERSON
        if name or phone:
            sides.append(commands.Side(standing, nature, name, phone))
    at_hand = Channel.PARTNER if actor.role in PARTNERS else Channel.PHONE
    given["channel"] = Channel.DESK if given["ticket_id"] else at_hand
    return commands.register_dispute.keyed(given.pop("key"))(
        actor, **given | {"kind": Kind(given["kind"])}, sides=tuple(sides)
    )


def _after(actor: Actor, made: Dispute) -> HttpResponseBase:
    """The dispute's own page for who may see it; back to the empty form for who only tells of it."""
    if visible(Can.SEE, actor, Dispute).filter(pk=made.pk).exists():
        return redirect("disputes:dispute", made.pk)
    return redirect("disputes:entry")


@door(*COUNTERS)
@require_GET
def overview(request: HttpRequest) -> HttpResponseBase:
    """What is open, late, where, whose, and how it ends; each figure opens what it counts."""
    return render(
        request, "disputes/overview.html", {"figures": queries.figures(actor_of(request)), "bounds": bounds()}
    )


@door(*COUNTERS)
@require_GET
def between(request: HttpRequest) -> HttpResponseBase:
    """How many lie between two desks, for the board: a line that must say none."""
    return render(request, "disputes/_between.html", {"number": queries.without_desk(actor_of(request))})


@door(*STAFF)
def rules(request: HttpRequest) -> HttpResponseBase:
    """Which desk takes what, the time limits, what the police may mediate: each with its source."""
    actor = actor_of(request)
    may_keep = holds(Can.KEEP_RULES, actor)
    places = [(one.pk, str(one)) for one in Community.objects.order_by("code").only("pk", "name")]
    form = RuleForm(request.POST or None, bodies=_desks(), communities=places)
    made = attempt(form, lambda: commands.add_rule(actor, **form.cleaned_data)) if form.is_valid() else None
    if made is not None:
        messages.success(request, _("已保存。"))
        return redirect("disputes:rules")
    context = {
        "rules": queries.rules(),
        "clocks": CLOCKS,
        "grounds": [ground.label for ground in PoliceGround if ground in POLICE_MAY_MEDIATE],
        "never": POLICE_MAY_NOT,
        "source": POLICE_SOURCE,
        "form": form if may_keep else None,
    }
    return render(request, "disputes/rules.html", context, status=422 if form.errors else 200)


@door(Role.COMMANDER)
@require_POST
def drop_rule(request: HttpRequest, rule_id: int) -> HttpResponseBase:
    """Take a rule out of use."""
    commands.drop_rule(actor_of(request), rule_id)
    messages.success(request, _("已停用。"))
    return redirect("disputes:rules")
