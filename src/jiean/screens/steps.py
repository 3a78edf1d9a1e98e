"""The steps of an order by their codes, for the board's buttons, its command line and the phone."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jiean.dispatch.commands import (
    acknowledge_assignment,
    arrive_assignment,
    clear_assignment,
    decline_assignment,
    en_route_assignment,
    recall_assignment,
)
from jiean.dispatch.models import Assignment
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Invalid

PLAIN = {"ack": acknowledge_assignment, "go": en_route_assignment, "scene": arrive_assignment}
WITH_REASON = {"decline": decline_assignment, "recall": recall_assignment}


def take_step(
    actor: Actor,
    assignment_id: int,
    code: str,
    *,
    reason: str = "",
    disposition: str = "",
    outcome: str = "",
    version: int | None = None,
) -> Assignment:
    """Do the step of this code. Raises Invalid for an unknown code, and whatever the command refuses with."""
    if code in PLAIN:
        return PLAIN[code](actor, assignment_id)
    if code in WITH_REASON:
        return WITH_REASON[code](actor, assignment_id, reason=reason)
    if code == "clear":
        return clear_assignment(actor, assignment_id, disposition=disposition, outcome=outcome, version=version)
    raise Invalid(step=_("没有这一步。"))
