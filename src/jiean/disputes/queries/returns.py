"""The return: disputes registered in a span of days by kind, outcome and size; each number opens the list it counts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from django.conf import settings
from django.db.models import Case, Count, IntegerField, Q, Value, When

from jiean.disputes.access import Can
from jiean.disputes.models import Dispute, Kind
from jiean.kernel import clocks
from jiean.kernel.access import allow
from jiean.kernel.actor import Actor

UNSAID = -1
"""The band of what nobody wrote a size of."""
RUNNING = "open"
"""In the place of an outcome: none yet."""
ENDS = (RUNNING, "settled", "failed", "withdrawn", "referred")


@dataclass(frozen=True, slots=True)
class Band:
    """From ``floor`` to below ``below``, in yuan or people; both None: not said."""

    place: int
    floor: int | None
    below: int | None

    def of(self, column: str) -> Q:
        """The rows of the band."""
        if self.floor is None:
            return Q(**{f"{column}__isnull": True})
        upper = Q() if self.below is None else Q(**{f"{column}__lt": self.below})
        return Q(**{f"{column}__gte": self.floor}) & upper


def _bands(begins: tuple[int, ...]) -> tuple[Band, ...]:
    edges = [0, *sorted(set(begins) - {0}), None]
    spans = [Band(place, floor, below) for place, (floor, below) in enumerate(pairwise(edges))]
    return (*spans, Band(UNSAID, None, None))


AMOUNTS, PEOPLE = _bands(settings.DISPUTE_AMOUNTS), _bands(settings.DISPUTE_PEOPLE)


def band_rows(column: str, place: int) -> Q:
    """The rows of a band by its place in the return; a place that is none has no rows."""
    bands = AMOUNTS if column == "amount_yuan" else PEOPLE
    return next((one.of(column) for one in bands if one.place == place), Q(pk__in=()))


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """A kind of dispute: how many came, how they ended, and how many are of each band, in the order of the bands."""

    kind: str
    label: str
    registered: int
    ends: dict[str, int]
    amounts: list[tuple[Band, int]]
    people: list[tuple[Band, int]]

    @property
    def by_end(self) -> list[tuple[str, int]]:
        """How many still run and how many came to each end, in the order of the columns."""
        return [(name, self.ends.get(name, 0)) for name in ENDS]


@dataclass(frozen=True, slots=True)
class Return:
    """The return of a span of days, both included, as of a moment; the last line is of all kinds."""

    since: dt.date
    until: dt.date
    as_of: dt.datetime
    lines: list[ReturnLine]


def day_span(since: dt.date, until: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """A span of days on the station's clock as two moments, the second not included."""
    here = clocks.local(clocks.now()).tzinfo
    start, end = (dt.datetime.combine(day, dt.time(), here) for day in (since, until + dt.timedelta(days=1)))
    return start, end


def the_return(actor: Actor, since: dt.date, until: dt.date) -> Return:
    """Disputes registered in a span of days; joined ones count under their lead. One statement. Raises Forbidden."""
    allow(Can.COUNT, actor)
    start, end = day_span(since, until)
    rows = Dispute.objects.filter(registered_at__gte=start, registered_at__lt=end).exclude(state=Dispute.State.JOINED)
    told = rows.order_by().values_list(
        "kind", "outcome", _place("amount_yuan", AMOUNTS), _place("people_count", PEOPLE)
    )
    counts = [tuple(row) for row in told.annotate(n=Count("pk"))]
    kinds = [kind for kind in Kind if any(row[0] == kind for row in counts)]
    lines = [_line(kind, str(kind.label), [row for row in counts if row[0] == kind]) for kind in kinds]
    return Return(since, until, clocks.now(), [*lines, _line("", "", counts)])


def _place(column: str, bands: tuple[Band, ...]) -> Case:
    whens = [When(one.of(column), then=Value(one.place)) for one in bands]
    return Case(*whens, default=Value(UNSAID), output_field=IntegerField())


def _line(kind: str, label: str, counts: list[tuple[str, str, int, int, int]]) -> ReturnLine:
    ends, amounts, people = Counter[str](), Counter[int](), Counter[int]()
    for _kind, outcome, amount, persons, number in counts:
        ends[outcome or RUNNING] += number
        amounts[amount] += number
        people[persons] += number
    return ReturnLine(
        kind, label, ends.total(), dict(ends), [(one, amounts[one.place]) for one in AMOUNTS],
        [(one, people[one.place]) for one in PEOPLE],
    )  # fmt: skip


def flat(told: Return) -> Iterator[list[str | int]]:
    """The return line by line, for a file."""
    for line in told.lines:
        ends = (n for _name, n in line.by_end)
        yield [line.label, line.registered, *ends, *(n for _band, n in line.amounts), *(n for _band, n in line.people)]
