"""The station's own time limits for reports. Each is a setting of the room, with where it comes from."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jiean.intake.models import Urgency
from jiean.kernel.clocks import Rule, Unit

STATION = "station rule: PRODUCT § 2.2, intake desk; to be confirmed by each station"

TRIAGE: dict[Urgency, Rule] = {
    Urgency.NOW: Rule("intake.triage", 60, Unit.SECONDS, _("一级分流"), STATION),
    Urgency.SOON: Rule("intake.triage", 300, Unit.SECONDS, _("二级分流"), STATION),
    Urgency.TODAY: Rule("intake.triage", 1800, Unit.SECONDS, _("三级分流"), STATION),
    Urgency.IN_TURN: Rule("intake.triage", 2, Unit.HOURS, _("四级分流"), STATION),
}
"""From receipt to the desk's decision, by urgency."""

REPLY = Rule("intake.reply", 5, Unit.WORKING_DAYS, _("答复上报人"), STATION)
"""From the desk's decision to an answer to the reporter."""

RIGHTS = Rule("intake.rights", 5, Unit.WORKING_DAYS, _("答复个人信息要求"), "TRUST § 10: correction in 5 working days")
"""From a request about one's own data to its answer."""

SIMILAR_RADIUS_M = 200.0
SIMILAR_DAYS = 7
CONTACT_KEPT_DAYS = 365
"""How long a reporter's contact outlives the report: TRUST § 9.1, report with no follow-up."""

HOT_COUNT = 3
"""So many reports on one thing make it a hot issue."""

ISSUE_DAYS = 45
"""How far back reports are grouped to hot issues, and how long an issue stands on the page after its last report."""

ISSUE_FAR_M = 500.0
"""Reports farther apart than this are never one thing, whatever they say."""

FEWEST_SHOWN = 5
"""Counts under this are not shown to who may not open the reports counted (TRUST § 2, § 5)."""
