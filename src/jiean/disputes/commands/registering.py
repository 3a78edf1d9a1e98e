"""The first word of a dispute: number, place, parties sealed, the station's desk answering for it, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.commands.choosing import forget_speech
from jiean.disputes.commands.looking import look_at_words
from jiean.disputes.commands.queueing import serve
from jiean.disputes.commands.telling import holders, tell_changed
from jiean.disputes.commands.timing import retimed
from jiean.disputes.events import DisputeRegistered
from jiean.disputes.models import FACTS_LIMIT, PLACE_LIMIT, Call, Channel, Dispute, Kind, Level, Party, Ticket
from jiean.disputes.rules import DIVERT, HOME_DESK
from jiean.grid.models import Cell, Premises
from jiean.grid.queries import cell_at
from jiean.kernel import clocks, geo
from jiean.kernel.access import admit, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.events import announce
from jiean.kernel.rows import insert
from jiean.kernel.text import clean
from jiean.kernel.workflow import change, note
from jiean.people.models import Organisation
from jiean.vault.commands import keep_words, seal
from jiean.vault.models import Kind as Sealed
from jiean.vault.models import MatterKind

MOST_AMOUNT = 10**12
MOST_PEOPLE = 100_000
MOST_PARTIES = 40


@dataclass(frozen=True, slots=True)
class Side:
    """One party as it is told: standing, and what is to be sealed. ``speaks_for`` counts among the parties told before it."""

    standing: Party.Standing
    nature: Party.Nature = Party.Nature.PERSON
    name: str = ""
    phone: str = ""
    address: str = ""
    is_minor: bool = False
    speaks_for: int | None = None


@command
def register_dispute(
    actor: Actor,
    *,
    kind: Kind,
    facts: str,
    place_words: str = "",
    lon: float | None = None,
    lat: float | None = None,
    cell_id: int | None = None,
    premises_id: int | None = None,
    amount_yuan: int | None = None,
    people_count: int | None = None,
    level: Level = Level.CELL,
    channel: Channel = Channel.PHONE,
    report_id: int | None = None,
    incident_id: int | None = None,
    sides: Sequence[Side] = (),
    ticket_id: int | None = None,
) -> Dispute:
    """Take the first word of a dispute, of a number of a post's queue where one is named.

    Raises Forbidden, NotFound, IllegalMove, Invalid: nothing said, a place off the globe, a party that cannot be.
    """
    ticket = fetch(Can.SERVE, actor, Ticket, ticket_id) if ticket_id is not None else None
    at = clocks.now()
    dispute = _new(actor, clean(facts, FACTS_LIMIT, field="facts", required=True), kind, at)
    dispute.level, dispute.channel = level, channel
    dispute.report_id, dispute.incident_id = report_id, incident_id
    dispute.amount_yuan = within(amount_yuan, MOST_AMOUNT, "amount_yuan")
    dispute.people_count = within(people_count, MOST_PEOPLE, "people_count")
    dispute.place_words = clean(place_words, PLACE_LIMIT, field="place_words")
    _put(dispute, lon, lat, cell_id, premises_id)
    _came_to(dispute, ticket)
    insert([dispute])
    if ticket is not None:
        serve(actor, ticket, dispute=dispute)
    _add_sides(actor, dispute, sides)
    admit(Can.REGISTER, actor, dispute)
    Dispute.objects.filter(pk=dispute.pk).update(**retimed(dispute, start=[DIVERT]))
    dispute.refresh_from_db(fields=["due_at", "due_code"])
    note(dispute, by=actor, code="registered")
    keep_words(MatterKind.DISPUTE, {dispute.pk: f"{dispute.facts}\n{dispute.place_words}"})
    _first_call(dispute)
    look_at_words(dispute)
    announce(DisputeRegistered(dispute.pk, dispute.cell_id, holders(dispute), dispute.report_id))
    return dispute


def _first_call(dispute: Dispute) -> None:
    """What a dispute was made of counts as the first call about it."""
    if dispute.report_id is not None or dispute.incident_id is not None:
        Call.objects.create(
            dispute=dispute, report_id=dispute.report_id, incident_id=dispute.incident_id, at=dispute.registered_at
        )


def _came_to(dispute: Dispute, ticket: Ticket | None) -> None:
    """Where it was registered, and whether no call of the same matter was known then: written once, and never raised afterwards."""
    if ticket is not None:
        dispute.post_id = ticket.post_id
        dispute.before_call = dispute.incident_id is None and dispute.report_id is None


def home_desk() -> Organisation:
    """The station's own desk; a station without one gets it with its first dispute, so that no first word is ever refused."""
    made = {"name": str(_("派出所")), "kind": Organisation.Kind.POLICE}
    return Organisation.objects.get_or_create(code=HOME_DESK, defaults=made)[0]


def _new(actor: Actor, facts: str, kind: Kind, at: dt.datetime) -> Dispute:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('disputes_dispute', 'id'))")
        dispute_id = int(cursor.fetchone()[0])
    number = f"M{clocks.local_day(at):%y}-{dispute_id:06d}"
    if kind not in Kind.values:
        raise Invalid(kind=_("请选择类型。"))
    return Dispute(
        pk=dispute_id, number=number, kind=kind, facts=facts, desk=home_desk(), registered_by_id=actor.account_id,
        registered_at=at,
    )  # fmt: skip


def within(value: int | None, most: int, field: str) -> int | None:
    """A whole number from nought to ``most``, or none. Raises Invalid naming the field."""
    if value is not None and not 0 <= value <= most:
        raise Invalid(**{field: _("请填写 0 到 %(most)d 之间的整数。") % {"most": most}})
    return value


def _put(dispute: Dispute, lon: float | None, lat: float | None, cell_id: int | None, premises_id: int | None) -> None:
    """Its cell: of the point, else of the premises, else as it was told. None is possible; a person then finds it."""
    if premises_id is not None:
        dispute.premises = Premises.objects.filter(pk=premises_id, active=True).first()
        if dispute.premises is None:
            raise Invalid(premises_id=_("没有这个场所。"))
        lon, lat = (dispute.premises.lon, dispute.premises.lat) if lon is None else (lon, lat)
    if (lon is None) != (lat is None):
        raise Invalid(place_words=_("经度和纬度要一起填写。"))
    if lon is not None and lat is not None:
        if not geo.on_globe(lon, lat):
            raise Invalid(place_words=_("这个位置不在地球上，请重新选点。"))
        dispute.cell = cell_at(lon, lat)
    elif cell_id is not None:
        dispute.cell = Cell.objects.filter(pk=cell_id).first()


@command
def add_side(actor: Actor, dispute_id: int, side: Side, *, speaks_for_id: int | None = None) -> Party:
    """Add a party, or somebody who speaks for one. Raises NotFound, IllegalMove, Invalid."""
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id)
    if not dispute.is_live:
        raise IllegalMove(_("已经办结，不能再改当事人。"))
    have = list(dispute.parties.all())
    if len(have) >= MOST_PARTIES:
        raise Invalid(name=_("当事人太多，请拆分。"))
    spoken_for = next((one for one in have if one.pk == speaks_for_id), None)
    party = _seal_side(actor, dispute, side, spoken_for)
    note(dispute, by=actor, code="party_added")
    tell_changed(dispute)
    return party


@command
def drop_side(actor: Actor, party_id: int) -> Party:
    """Note that a party is none any more: entered by mistake, or gone. Raises NotFound, IllegalMove."""
    found = Party.objects.filter(pk=party_id).values_list("dispute_id", flat=True).first()
    dispute = fetch(Can.ARRANGE, actor, Dispute, found)
    if dispute.state not in (*Dispute.UNACCEPTED, Dispute.State.ACCEPTED, Dispute.State.MEDIATING):
        raise IllegalMove(_("调解已经结束，不能再改当事人。"))
    party = dispute.parties.select_for_update(no_key=True).get(pk=party_id)
    forget_speech(actor, party)
    change(party, left_at=clocks.now(), speech_id=None)
    note(dispute, by=actor, code="party_left")
    tell_changed(dispute)
    return party


def _add_sides(actor: Actor, dispute: Dispute, sides: Sequence[Side]) -> None:
    if len(sides) > MOST_PARTIES:
        raise Invalid(name=_("当事人太多，请拆分。"))
    made: list[Party] = []
    for side in sides:
        before = side.speaks_for is not None and 0 <= side.speaks_for < len(made)
        made.append(_seal_side(actor, dispute, side, made[side.speaks_for or 0] if before else None))


def _seal_side(actor: Actor, dispute: Dispute, side: Side, spoken_for: Party | None) -> Party:
    """Store a party and seal who it is. Raises Invalid."""
    _check_side(side, spoken_for)
    fields = {"name": side.name, "phone": side.phone, "address": side.address}
    given: dict[str, Any] = {name: words for name, words in fields.items() if words.strip()}
    record_id = seal(actor, MatterKind.DISPUTE, dispute.pk, Sealed.PARTY, given) if given else None
    return Party.objects.create(
        dispute=dispute, standing=side.standing, nature=side.nature, record_id=record_id, speaks_for=spoken_for,
        is_minor=side.is_minor,
    )  # fmt: skip


def _check_side(side: Side, spoken_for: Party | None) -> None:
    if side.standing not in Party.Standing.values:
        raise Invalid(standing=_("请选择身份。"))
    speaks = side.standing in Party.SPEAKERS
    if speaks and (spoken_for is None or spoken_for.standing in Party.SPEAKERS or spoken_for.left_at is not None):
        raise Invalid(standing=_("请选择为哪一位当事人代理或监护。"))
    if side.is_minor and (speaks or side.nature != Party.Nature.PERSON):
        raise Invalid(is_minor=_("未成年人只能是个人一方，不能代理或监护别人。"))
    if side.standing == Party.Standing.GUARDIAN and not (spoken_for and spoken_for.is_minor):
        raise Invalid(standing=_("只有未成年人一方才登记监护人。"))
