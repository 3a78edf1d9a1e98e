"""The register of mediators: a profile, its certificates, teams, and a table imported whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.imports import MediatorLine, MediatorPlan
from jiean.disputes.models import (
    Calling,
    Certificate,
    Dialect,
    Kind,
    MediatorDraft,
    Profile,
    Province,
    Team,
    TeamMember,
)
from jiean.disputes.models.mediators import NAME_LIMIT
from jiean.grid.models import Premises
from jiean.kernel.access import admit, allow, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid
from jiean.kernel.text import clean
from jiean.kernel.workflow import change
from jiean.people.models import Account

MOST_AT_ONCE = 99
MOST_MEMBERS = 12


@dataclass(frozen=True, slots=True)
class About:
    """What the register says of a mediator. Days are 0 for Monday to 6; hours on the station's clock."""

    calling: str = Calling.PEOPLE
    dialects: Sequence[str] = ()
    home_province: str = ""
    kinds: Sequence[str] = ()
    days: Sequence[int] = (0, 1, 2, 3, 4)
    from_hour: int = 9
    to_hour: int = 17
    most_cases: int = 8
    base_id: int | None = None
    appointed_until: dt.date | None = None
    active: bool = True


@command
def keep_mediator(actor: Actor, account_id: int, about: About, *, version: int | None = None) -> Profile:
    """Write what the register says of an account. Raises Forbidden, Conflict, Invalid: no such account, a value not of its list."""
    allow(Can.KEEP_MEDIATORS, actor)
    if not Account.objects.filter(pk=account_id, is_active=True).exists():
        raise Invalid(account_id=_("没有这个账号。"))
    _check(about)
    row = Profile.objects.filter(account_id=account_id).first() or Profile(account_id=account_id)
    if row.pk:
        row = fetch(Can.KEEP_MEDIATORS, actor, Profile, row.pk, version=version)
    values = {name: getattr(about, name) for name in About.__slots__}
    values |= {name: list(dict.fromkeys(values[name])) for name in ("dialects", "kinds", "days")}
    if row.pk:
        values["base"] = Premises.objects.filter(pk=values.pop("base_id") or 0).first()
        change(row, **values)
        return row
    return Profile.objects.create(account_id=account_id, **values)


_LISTS = {"calling": Calling, "home_province": Province, "dialects": Dialect, "kinds": Kind}


def _check(about: About) -> None:
    """Raises Invalid naming the field."""
    for name, known in _LISTS.items():
        given = getattr(about, name)
        wrong = [one for one in ([given] if isinstance(given, str) else given) if one and one not in known.values]
        if wrong:
            raise Invalid(**{name: _("请从列表里选。")})
    if not set(about.days) <= set(range(7)):
        raise Invalid(days=_("请从列表里选。"))
    if not 0 <= about.from_hour < about.to_hour <= 24:
        raise Invalid(to_hour=_("结束要晚于开始。"))
    if not 1 <= about.most_cases <= MOST_AT_ONCE:
        raise Invalid(most_cases=_("请填写 1 到 %(most)d 之间的整数。") % {"most": MOST_AT_ONCE})
    if about.base_id is not None and not Premises.objects.filter(pk=about.base_id, active=True).exists():
        raise Invalid(base_id=_("没有这个场所。"))


@command
def keep_certificate(actor: Actor, account_id: int, *, name: str, expires_on: dt.date | None = None) -> Certificate:
    """Note a mediator's certificate, or its new last day. Raises Forbidden, Invalid."""
    allow(Can.KEEP_MEDIATORS, actor)
    profile = Profile.objects.select_for_update(no_key=True).filter(account_id=account_id).first()
    if profile is None:
        raise Invalid(name=_("先登记这位调解员。"))
    words = clean(name, NAME_LIMIT, field="name", required=True)
    given = {"expires_on": expires_on}
    return Certificate.objects.update_or_create(mediator=profile, name=words, defaults=given)[0]


@command
def drop_certificate(actor: Actor, certificate_id: int) -> None:
    """Strike a certificate out. Raises NotFound."""
    fetch(Can.KEEP_MEDIATORS, actor, Certificate, certificate_id).delete()


@command
def keep_team(actor: Actor, *, name: str, members: Sequence[tuple[int, str]], active: bool = True) -> Team:
    """Write a team: its name and who is in it as what. Raises Forbidden, Invalid: nobody, too many, not of the staff."""
    allow(Can.KEEP_MEDIATORS, actor)
    words = clean(name, NAME_LIMIT, field="name", required=True)
    seats = dict(members)
    if not 2 <= len(seats) <= MOST_MEMBERS:
        raise Invalid(members=_("一个团队 2 到 %(most)d 人。") % {"most": MOST_MEMBERS})
    known = Account.objects.filter(pk__in=seats, is_active=True).count()
    if known != len(seats) or not set(seats.values()) <= set(Calling.values):
        raise Invalid(members=_("请从名册里选。"))
    team = Team.objects.update_or_create(name=words, defaults={"active": active})[0]
    team.members.all().delete()
    TeamMember.objects.bulk_create(TeamMember(team=team, account_id=pk, calling=seat) for pk, seat in seats.items())
    return team


@command
def propose_mediators(actor: Actor, plan: MediatorPlan) -> MediatorDraft:
    """Keep a table read from a file until it is confirmed or dropped. Raises Forbidden."""
    draft = MediatorDraft.objects.create(account_id=actor.account_id, plan=plan.as_json())
    return admit(Can.IMPORT_MEDIATORS, actor, draft)


@command
def adopt_mediators(actor: Actor, draft_id: int, *, version: int | None = None) -> MediatorDraft:
    """Import a kept table. Raises NotFound, IllegalMove, Conflict, Invalid."""
    draft = fetch(Can.IMPORT_MEDIATORS, actor, MediatorDraft, draft_id, version=version)
    plan = MediatorPlan.from_json(draft.plan)
    MediatorDraft.WORKFLOW.move(draft, MediatorDraft.State.ADOPTED, by=actor, plan=MediatorPlan().as_json())
    import_mediators(actor, plan)
    return draft


@command
def drop_mediators(actor: Actor, draft_id: int) -> MediatorDraft:
    """Throw a kept table away. Raises NotFound, IllegalMove."""
    draft = fetch(Can.IMPORT_MEDIATORS, actor, MediatorDraft, draft_id)
    MediatorDraft.WORKFLOW.move(draft, MediatorDraft.State.DROPPED, by=actor, plan=MediatorPlan().as_json())
    return draft


@command
def import_mediators(actor: Actor, plan: MediatorPlan) -> int:
    """Write the profiles of a table; return how many. Raises Forbidden, Invalid."""
    allow(Can.KEEP_MEDIATORS, actor)
    if plan.faults:
        raise Invalid(file=_("表格里还有 %(count)d 处错误，没有导入任何人。") % {"count": len(plan.faults)})
    accounts = dict(
        Account.objects.filter(username__in=[one.username for one in plan.lines]).values_list("username", "pk")
    )
    places = dict(Premises.objects.filter(code__in=[one.base for one in plan.lines]).values_list("code", "pk"))
    for line in plan.lines:
        _import(actor, line, accounts, places)
    return len(plan.lines)


def _import(actor: Actor, line: MediatorLine, accounts: dict[str, int], places: dict[str, int]) -> None:
    if line.username not in accounts:
        raise Invalid(file=_("没有用户名“%(name)s”的账号。") % {"name": line.username})
    about = About(
        calling=line.calling, dialects=line.dialects, home_province=line.home_province, kinds=line.kinds,
        days=line.days, most_cases=line.most_cases, base_id=places.get(line.base), appointed_until=line.until,
    )  # fmt: skip
    keep_mediator(actor, accounts[line.username], about)
    for name, day in line.certificates:
        keep_certificate(actor, accounts[line.username], name=name, expires_on=day)
