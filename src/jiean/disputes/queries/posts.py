"""Hive posts: which there are, who is there, who waits, and what they have done against the time before and places without one."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from jiean.disputes.access import Can
from jiean.disputes.models import Call, Calling, Dispute, HivePost, PostDuty, Ticket
from jiean.disputes.posts import is_open
from jiean.engine.medians import Median, median_of
from jiean.grid.models import Premises
from jiean.kernel import clocks
from jiean.kernel.access import allow, visible
from jiean.kernel.actor import Actor
from jiean.kernel.errors import NotFound
from jiean.people.queries import names_of

YEAR = dt.timedelta(days=365)
MOST_COMPARED = 2000
"""So many of the newest disputes of a group are compared; more would say nothing else."""
FEW = 10
"""Under so many a median is shown, and said to say little."""


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post in the list: open now, how many wait and were served today, disputes registered there in a year."""

    post: HivePost
    is_open: bool
    waiting: int
    served: int
    disputes: int


def posts(actor: Actor) -> list[PostLine]:
    """Every post in use, by code. Three statements. Raises Forbidden."""
    allow(Can.SEE_POSTS, actor)
    at = clocks.now()
    rows = list(_whole().filter(active=True))
    states = Counter(Ticket.objects.filter(day=clocks.local_day(at)).values_list("post_id", "state"))
    registered = Dispute.objects.filter(post_id__isnull=False, registered_at__gte=at - YEAR)
    made = Counter(registered.values_list("post_id", flat=True))
    return [
        PostLine(row, is_open(row, at), states[row.pk, "WAITING"], states[row.pk, "SERVED"], made[row.pk])
        for row in rows
    ]


def _whole() -> QuerySet[HivePost]:
    return HivePost.objects.select_related("premises__cell__community").defer(
        "premises__cell__boundary", "premises__cell__community__boundary"
    )


def post_by_code(code: str) -> HivePost:
    """The post of a code on a poster. Raises NotFound."""
    found = _whole().filter(premises__code__iexact=code, active=True, premises__active=True).first()
    if found is None:
        raise NotFound
    return found


def post_of(actor: Actor, post_id: int) -> HivePost:
    """One post. Raises NotFound."""
    found = visible(Can.SEE_POSTS, actor, HivePost).filter(pk=post_id).values_list("pk", flat=True).first()
    post = _whole().filter(pk=found or 0).first()
    if post is None:
        raise NotFound
    return post


def places_without() -> list[tuple[int, str]]:
    """Places of the ground that are hive posts and have none in use, by code: ids and names."""
    places = Premises.objects.filter(kind=Premises.Kind.HIVE_POST, active=True).exclude(hive_post__active=True)
    return [(pk, f"{code} {name}") for pk, code, name in places.order_by("code").values_list("pk", "code", "name")]


@dataclass(frozen=True, slots=True)
class Queue:
    """Today's numbers of a post: those called and not done, those waiting, what the others came to."""

    called: list[Ticket]
    waiting: list[Ticket]
    done: list[Ticket]


def queue_of(post: HivePost) -> Queue:
    """Today's queue. One statement."""
    rows = list(post.tickets.filter(day=clocks.local_day(clocks.now())).select_related("dispute").order_by("number"))
    by = {state: [row for row in rows if row.state == state] for state in Ticket.State.values}
    return Queue(by["CALLED"], by["WAITING"], [*by["SERVED"], *by["NO_SHOW"]])


def may_serve(actor: Actor, post: HivePost) -> bool:
    """Whether the actor calls and serves at the post now."""
    rows = visible(Can.SERVE, actor, Ticket).filter(post=post)
    return rows.exists() or _on_duty(actor, post)


def _on_duty(actor: Actor, post: HivePost) -> bool:
    now = clocks.now()
    if actor.role in ("CMD", "DSP") or post.premises.cell_id in actor.cell_ids:
        return True
    return post.duties.filter(account_id=actor.account_id or 0, starts_at__lte=now, ends_at__gt=now).exists()


def there_today(post: HivePost) -> list[tuple[str, int, str]]:
    """Who is at a post today, as callings with a number and hours, never names."""
    start = clocks.local(clocks.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = post.duties.filter(starts_at__lt=start + dt.timedelta(days=1), ends_at__gt=start)
    counted = Counter((one.calling, _hours(one)) for one in rows)
    return [(str(Calling(calling).label), n, hours) for (calling, hours), n in sorted(counted.items())]


def _hours(duty: PostDuty) -> str:
    return f"{clocks.local(duty.starts_at):%H:%M}–{clocks.local(duty.ends_at):%H:%M}"


def rota(actor: Actor, post: HivePost, *, days: int = 7) -> list[tuple[PostDuty, str]]:
    """The duties of the coming days with names, for the staff. Raises Forbidden."""
    allow(Can.SEE_POSTS, actor)
    now = clocks.now()
    rows = list(post.duties.filter(ends_at__gt=now, starts_at__lt=now + dt.timedelta(days=days)))
    names = names_of(row.account_id for row in rows)
    return [(row, names.get(row.account_id, "")) for row in rows]


def ticket_of(actor: Actor, ticket_id: int) -> Ticket | None:
    """A called number the actor may serve, to be registered from; else None."""
    return visible(Can.SERVE, actor, Ticket).filter(pk=ticket_id, state=Ticket.State.CALLED).first()


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure in minutes: after the post opened, before it did, and where no post was."""

    code: str
    after: Median
    before: Median
    elsewhere: Median

    @property
    def few(self) -> bool:
        return min(self.after.n, self.before.n, self.elsewhere.n) < FEW


@dataclass(frozen=True, slots=True)
class PostFigures:
    """What a post has done: disputes registered there, settled before a call, and the minutes compared."""

    registered: int
    settled: int
    settled_before_call: int
    compared: list[Compared]
    as_of: dt.datetime


def post_figures(actor: Actor, post: HivePost) -> PostFigures:
    """The figures of a post's first year at most. Five statements. Raises Forbidden."""
    allow(Can.SEE_POSTS, actor)
    at = clocks.now()
    own = Dispute.objects.filter(post_id=post.pk)
    return PostFigures(
        own.count(), own.filter(outcome="settled").count(), settled_before_call(post).count(), _compared(post, at), at
    )


def settled_before_call(post: HivePost) -> QuerySet[Dispute]:
    """Disputes registered at the post, settled, with no call of the same matter before they were registered (PRODUCT, section 3).

    ``before_call`` was written when each was registered and nothing raises it. What is linked later can only lower the count: a call
    from before the registration, noted on the dispute or on one joined into it.
    """
    of_matter = Q(dispute=OuterRef("pk")) | Q(dispute__joined_into=OuterRef("pk"))
    earlier = Call.objects.filter(of_matter, at__lt=OuterRef("registered_at"))
    return Dispute.objects.filter(~Exists(earlier), post_id=post.pk, before_call=True, outcome="settled")


Times = tuple[dt.datetime, dt.datetime | None, dt.datetime | None, str]


def _compared(post: HivePost, at: dt.datetime) -> list[Compared]:
    opened = dt.datetime.combine(post.open_since, dt.time(), clocks.local(at).tzinfo)
    here = Q(cell__community=post.premises.cell.community_id) if post.premises.cell else Q(pk__in=())
    served = HivePost.objects.filter(active=True).exclude(premises__cell=None)
    without = ~Q(cell__community__in=served.values("premises__cell__community"))
    groups = (
        here & Q(registered_at__gte=opened),
        here & Q(registered_at__lt=opened),
        without & Q(cell__isnull=False),
    )
    after, before, elsewhere = (_times(group, at) for group in groups)
    return [
        Compared(code, *(median_of(minutes(rows)) for rows in (after, before, elsewhere)))
        for code, minutes in (("contact", _to_contact), ("settlement", _to_settlement))
    ]


def _times(group: Q, at: dt.datetime) -> list[Times]:
    rows = Dispute.objects.filter(group, registered_at__gte=at - YEAR).order_by("-registered_at", "-pk")
    return list(rows.values_list("registered_at", "contacted_at", "ended_at", "outcome")[:MOST_COMPARED])


def _to_contact(rows: Iterable[Times]) -> list[float]:
    return [_minutes(since, contacted) for since, contacted, _ended, _outcome in rows if contacted]


def _to_settlement(rows: Iterable[Times]) -> list[float]:
    return [_minutes(since, ended) for since, _contacted, ended, outcome in rows if ended and outcome == "settled"]


def _minutes(since: dt.datetime, until: dt.datetime) -> float:
    return max((until - since).total_seconds(), 0.0) / 60
