"""Every read of the staff: who acts, who answers for a cell, who holds which role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from jiean.grid import queries as grid
from jiean.kernel import clocks
from jiean.kernel.access import allow, fetch, visible
from jiean.kernel.actor import Actor, Role
from jiean.people.access import Can
from jiean.people.models import Absence, Account, Duty, Message, Organisation, RoleHolding, Sitting, StaffDraft


def in_force(at: dt.datetime) -> Q:
    """Rows whose dates hold the moment: begun, and not ended."""
    return Q(since__lte=at) & (Q(until__isnull=True) | Q(until__gt=at))


def accounts_to_act(ids: Sequence[int], at: dt.datetime) -> list[Account]:
    """The active accounts among ids, with ``held_roles`` and ``held_cells`` as of a moment. One statement, asked with every request."""
    return list(Account.objects.raw(_TO_ACT, {"ids": list(ids), "at": at}))


_TO_ACT = """
SELECT a.*,
       ARRAY(SELECT h.role FROM people_roleholding h
             WHERE h.account_id = a.id AND h.confirmed_at IS NOT NULL
               AND h.since <= %(at)s AND (h.until IS NULL OR h.until > %(at)s) ORDER BY h.role) AS held_roles,
       ARRAY(SELECT DISTINCT d.cell_id FROM people_duty d
             WHERE d.account_id = a.id AND d.since <= %(at)s AND (d.until IS NULL OR d.until > %(at)s)) AS held_cells
FROM people_account a
WHERE a.is_active AND a.id = ANY(%(ids)s::bigint[])
"""


def actor_for(account: Any, chosen_role: str, device: str = "") -> Actor:
    """The actor of an account read by ``accounts_to_act``: in the chosen role while it is held, else in the account's own.

    Somebody with several roles and none chosen, with none at all, or with a password the office gave, is signed in but acts
    as the public.
    """
    held = account.held_roles if account.password_issued_at is None else []
    wanted = [role for role in (chosen_role, account.active_role, held[0] if len(held) == 1 else "") if role in held]
    return Actor(
        role=Role(wanted[0]) if wanted else Role.PUBLIC,
        account_id=account.pk,
        cell_ids=frozenset(account.held_cells) if wanted else frozenset(),
        organisation_id=account.organisation_id,
        name=account.name,
        device=device,
    )


def actor_of(account_id: int, role: Role) -> Actor | None:
    """The account acting in a role it holds now; None when it does not, or may not sign in."""
    for account in accounts_to_act([account_id], clocks.now()):
        if role in account.held_roles:  # type: ignore[attr-defined]
            return actor_for(account, role)
    return None


@dataclass(frozen=True, slots=True)
class DutyHolder:
    """Somebody who answers for a cell; ``cover`` when standing in for somebody else."""

    account_id: int
    name: str
    kind: Duty.Kind
    cover: bool
    phone: str = ""


def who_answers(cell_id: int, at: dt.datetime | None = None) -> list[DutyHolder]:
    """Who answers for the cell: officers before workers, covers first while the one they stand in for is away."""
    at = at or clocks.now()
    away = Absence.objects.filter(account=OuterRef("account"), since__lte=at, until__gt=at)
    duties = Duty.objects.filter(in_force(at), cell_id=cell_id, account__is_active=True).annotate(away=Exists(away))
    rows = duties.select_related("account", "covers").order_by("since", "pk")
    holders = [
        (row.kind != Duty.Kind.COVER, _duty_kind(row) != Duty.Kind.OFFICER, number, row)
        for number, row in enumerate(rows)
        if not row.away
    ]
    return [
        DutyHolder(row.account_id, row.account.name, _duty_kind(row), row.kind == Duty.Kind.COVER, row.account.phone)
        for _own, _worker, _number, row in sorted(holders, key=lambda one: (one[1], one[0], one[2]))
    ]


def _duty_kind(duty: Duty) -> Duty.Kind:
    """A cover answers as what it stands in for."""
    return Duty.Kind(duty.covers.kind if duty.covers else duty.kind)


def who_answers_at(lon: float, lat: float, at: dt.datetime | None = None) -> list[DutyHolder]:
    """Who answers for a point; nobody where no cell holds it."""
    cell = grid.cell_at(lon, lat)
    return who_answers(cell.pk, at) if cell else []


def duty_account_ids(cell_id: int, at: dt.datetime | None = None) -> list[int]:
    """Accounts that answer for the cell, in the order of ``who_answers``."""
    return [holder.account_id for holder in who_answers(cell_id, at)]


def destinations() -> list[Organisation]:
    """The bodies a matter can be referred to, by code."""
    return list(Organisation.objects.filter(kind=Organisation.Kind.DESTINATION, active=True).order_by("code"))


def accounts_of_body(organisation_id: int) -> tuple[int, ...]:
    """Ids of the active accounts that work for a body."""
    rows = Account.objects.filter(organisation=organisation_id, is_active=True)
    return tuple(rows.order_by("pk").values_list("pk", flat=True))


def accounts_in_role(role: Role) -> tuple[int, ...]:
    """Accounts that hold a role now, in order."""
    held = RoleHolding.objects.filter(in_force(clocks.now()), role=role, confirmed_at__isnull=False)
    return tuple(held.filter(account__is_active=True).order_by("account_id").values_list("account_id", flat=True))


def names_of(account_ids: Iterable[int]) -> dict[int, str]:
    """Names of staff by account id."""
    return dict(Account.objects.filter(pk__in=set(account_ids)).values_list("pk", "name"))


def bodies_of(account_ids: Iterable[int]) -> dict[int, str]:
    """Names of the bodies accounts work for, by account id; somebody without one is left out."""
    rows = Account.objects.filter(pk__in=set(account_ids), organisation__isnull=False)
    return dict(rows.values_list("pk", "organisation__name"))


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One line of the staff page."""

    id: int
    version: int
    username: str
    name: str
    phone: str
    organisation: str
    is_active: bool
    roles: tuple[tuple[str, bool], ...]
    cells: tuple[str, ...]

    @property
    def role_labels(self) -> list[tuple[str, bool]]:
        return [(str(Role(code).label), confirmed) for code, confirmed in self.roles]


def staff(actor: Actor, words: str = "", *, limit: int = 300) -> list[StaffRow]:
    """Accounts whose name, pinyin, initials, username, phone or cell holds every one of the words, sorted by pinyin."""
    at = clocks.now()
    rows = visible(Can.SEE_STAFF, actor, Account).select_related("organisation")
    for word in words.split():
        rows = rows.filter(_matches(word.lower(), at))
    found = list(rows.order_by("pinyin", "pk")[:limit])
    ids = [row.pk for row in found]
    roles = _grouped(
        RoleHolding.objects.filter(in_force(at), account__in=ids).values_list("account_id", "role", "confirmed_at")
    )
    cells = _grouped(Duty.objects.filter(in_force(at), account__in=ids).values_list("account_id", "cell__code"))
    return [
        StaffRow(
            row.pk,
            row.version,
            row.username,
            row.name,
            row.phone,
            row.organisation.name if row.organisation else "",
            row.is_active,
            tuple(sorted((role, confirmed is not None) for role, confirmed in roles.get(row.pk, ()))),
            tuple(sorted({code for (code,) in cells.get(row.pk, ())})),
        )
        for row in found
    ]


def _matches(word: str, at: dt.datetime) -> Q:
    duties = Duty.objects.filter(in_force(at), account=OuterRef("pk"), cell__code__icontains=word)
    return (
        Q(name__icontains=word)
        | Q(pinyin__contains=word)
        | Q(username__icontains=word)
        | Q(phone__contains=word)
        | Q(Exists(duties))
    )


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    groups: dict[int, list[tuple[Any, ...]]] = {}
    for key, *rest in rows:
        groups.setdefault(key, []).append(tuple(rest))
    return groups


def person(actor: Actor, account_id: int) -> Account:
    """One account for its page. Raises NotFound."""
    return fetch(Can.SEE_STAFF, actor, Account, account_id, lock=False)


def holdings_of(actor: Actor, account_id: int) -> list[RoleHolding]:
    """Roles an account holds or waits for. Raises Forbidden."""
    allow(Can.SEE_STAFF, actor)
    return list(RoleHolding.objects.filter(account=account_id, until__isnull=True).order_by("role"))


def duties_of(actor: Actor, account_id: int) -> list[Duty]:
    """An account's duties, the current ones first; the words of a hand-over only for whom they concern. Raises Forbidden."""
    allow(Can.SEE_STAFF, actor)
    rows = Duty.objects.filter(account=account_id).select_related("cell", "covers__account").defer("cell__boundary")
    duties = list(rows.order_by("until", "-since")[:100])
    for duty in duties:
        if not _concerns(actor, duty):
            duty.note = ""
    return duties


def _concerns(actor: Actor, duty: Duty) -> bool:
    """Whether a hand-over's words are for the actor: the commander, the one who wrote or has it, who answers for the cell now."""
    in_command = actor.role in (Role.COMMANDER, Role.SYSTEM)
    return in_command or duty.account_id == actor.account_id or duty.cell_id in actor.cell_ids


def own_roles(actor: Actor) -> list[Role]:
    """The roles the actor may choose between."""
    at = clocks.now()
    held = visible(Can.CHOOSE_ROLE, actor, RoleHolding).filter(in_force(at), confirmed_at__isnull=False)
    return [Role(role) for role in held.order_by("pk").values_list("role", flat=True)]


def roles_to_confirm(actor: Actor) -> list[RoleHolding]:
    """Roles given by another and waiting for the actor's yes."""
    rows = visible(Can.CONFIRM_ROLES, actor, RoleHolding).filter(confirmed_at__isnull=True, until__isnull=True)
    return list(rows.select_related("account").order_by("pk")[:300])


def messages(actor: Actor, *, unread: bool = True) -> list[Message]:
    """Notices to the actor, newest first."""
    rows = visible(Can.READ_MESSAGES, actor, Message)
    return list((rows.filter(read_at__isnull=True) if unread else rows).order_by("-pk")[:100])


def own_sittings(actor: Actor) -> list[Sitting]:
    """Where the actor's account is signed in now, the newest first."""
    rows = visible(Can.END_SITTINGS, actor, Sitting).filter(expire_date__gt=clocks.now())
    return list(rows.defer("session_data").order_by("-began_at"))


def staff_draft(actor: Actor, draft_id: int) -> StaffDraft:
    """A table the actor brought. Raises NotFound."""
    return fetch(Can.IMPORT_STAFF, actor, StaffDraft, draft_id, lock=False)


def taken_usernames(usernames: Sequence[str]) -> set[str]:
    """Which of the usernames have an account."""
    return set(Account.objects.filter(username__in=usernames).values_list("username", flat=True))


def organisations_by_name() -> Mapping[str, int]:
    """Ids of the active bodies by name."""
    return dict(Organisation.objects.filter(active=True).values_list("name", "pk"))
