"""Every read of disputes, split by noun."""

from jiean.disputes.queries.detail import (
    Detail,
    Mediator,
    Own,
    PartyLine,
    Told,
    dispute_detail,
    leg_of,
    mediators,
    own_dispute,
    told_of,
)
from jiean.disputes.queries.figures import Figures, Totals, figures, totals, without_desk
from jiean.disputes.queries.lists import (
    PAGE_SIZE,
    Filter,
    ListRow,
    Page,
    asked,
    due_by,
    listed,
    rules,
)

__all__ = [
    "PAGE_SIZE",
    "Detail",
    "Figures",
    "Filter",
    "ListRow",
    "Mediator",
    "Own",
    "Page",
    "PartyLine",
    "Told",
    "Totals",
    "asked",
    "dispute_detail",
    "due_by",
    "figures",
    "leg_of",
    "listed",
    "mediators",
    "own_dispute",
    "rules",
    "told_of",
    "totals",
    "without_desk",
]
