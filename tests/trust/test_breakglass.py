"""T-GLASS: one matter, one hour, a reason, told at once, reviewed by somebody else in three days, and the resident told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from jiean.intake import tracking
from jiean.intake.models import Report
from jiean.intake.own import looks
from jiean.intake.queries import report_detail
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Forbidden, Invalid, NotFound, ProveYourself
from jiean.kernel.models import AuditEntry
from jiean.kernel.models import Event as EventRow
from jiean.screens.board.board import access_alarms
from jiean.vault.commands import break_glass, open_record, review_glass, shout_unreviewed, tell_glass
from jiean.vault.models import Glass, MatterKind, Purpose
from tests.dispatch.post import open_post
from tests.intake.scenes import with_contact
from tests.town import SYSTEM, VILLAGE_AT, Town

pytestmark = pytest.mark.trust
REASON = "电话里说他在打她，快断气了"
RIGHT = Glass.Verdict.RIGHT
Turn = Callable[..., None]


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Turn:
    """Set the station's clock forward."""
    begun = clocks.now()

    def to(**forward: Any) -> None:
        monkeypatch.setattr(clocks, "now", lambda: begun + dt.timedelta(**forward))

    return to


def fresh(actor: Actor) -> Actor:
    return replace(actor, proved_at=clocks.now())


def broken(town: Town, report: Report) -> Glass:
    """The market's officer opens a matter of the village."""
    return break_glass(town.market_officer, MatterKind.REPORT, report.number, reason=REASON, danger=True)


def contact(actor: Actor, report: Report, purpose: Purpose = Purpose.EMERGENCY) -> dict[str, str]:
    assert report.contact_id is not None
    return open_record(actor, report.contact_id, purpose=purpose, matter_kind=MatterKind.REPORT, matter_id=report.pk)


def test_it_opens_the_one_matter_for_an_hour_and_nothing_else(town: Town, turn: Turn) -> None:
    report, other = with_contact(at=VILLAGE_AT), with_contact(at=VILLAGE_AT)
    with pytest.raises(NotFound):
        contact(town.market_officer, report)
    glass = broken(town, report)
    told = tell_glass(town.market_officer, glass.pk)[1]
    assert told.lines[0][1] == report.text and told.record_ids == (report.contact_id,)
    assert contact(town.market_officer, report)["phone"] == "13800001234"
    for attempt in (
        lambda: contact(town.market_officer, other),
        lambda: contact(town.market_officer, report, Purpose.DISPATCH),
        lambda: contact(town.newcomer(Role.OFFICER), report),
        lambda: tell_glass(town.dispatcher, glass.pk),
        lambda: report_detail(town.market_officer, report.pk),
    ):
        with pytest.raises(NotFound):
            attempt()
    turn(minutes=61)
    for attempt in (
        lambda: contact(fresh(town.market_officer), report),
        lambda: tell_glass(town.market_officer, glass.pk),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_glass_that_never_ends_is_seen(town: Town, turn: Turn) -> None:
    """The plant: with a longer end written past the rule, the look after an hour goes through; the test above would say so."""
    report = with_contact(at=VILLAGE_AT)
    glass = broken(town, report)
    Glass.objects.filter(pk=glass.pk).update(until=glass.started_at + dt.timedelta(days=9))
    turn(minutes=61)
    assert contact(fresh(town.market_officer), report)


def test_it_asks_for_danger_a_reason_a_number_and_the_second_factor(town: Town) -> None:
    report = with_contact(at=VILLAGE_AT)
    given: dict[str, Any] = {"reason": REASON, "danger": True}
    for wrong in ({"danger": False}, {"reason": "急"}, {"reason": " "}):
        with pytest.raises(Invalid):
            break_glass(town.market_officer, MatterKind.REPORT, report.number, **given | wrong)
    with pytest.raises(Invalid):
        break_glass(town.market_officer, MatterKind.REPORT, "X-1", **given)
    with pytest.raises(ProveYourself):
        break_glass(replace(town.market_officer, proved_at=None), MatterKind.REPORT, report.number, **given)
    for actor in (
        town.mediator,
        town.admin,
        town.newcomer(Role.AUDITOR),
        town.newcomer(Role.VOLUNTEER),
        Actor.public(),
    ):
        with pytest.raises(Forbidden):
            break_glass(actor, MatterKind.REPORT, report.number, **given)
    assert not Glass.objects.exists()


def test_an_incident_is_opened_by_its_number(town: Town) -> None:
    lon, lat = VILLAGE_AT
    incident = open_post(town).incident(lon=lon, lat=lat, summary="有人落水")
    glass = break_glass(town.market_officer, MatterKind.INCIDENT, str(incident.number), reason=REASON, danger=True)
    assert tell_glass(town.market_officer, glass.pk)[1].lines[0][1] == "有人落水"


def test_commanders_know_at_once_and_the_audit_holds_no_words(town: Town) -> None:
    report = with_contact(at=VILLAGE_AT)
    glass = broken(town, report)
    assert EventRow.objects.filter(name="vault.GlassBroken", subject_id=glass.pk).exists()
    alarm = access_alarms(town.commander)[0]
    assert (str(alarm.word), alarm.place, alarm.url) == ("紧急打开了一件事", "王小明", "/glass/review")
    entry = AuditEntry.objects.get(action="vault.glass_broken")
    assert (entry.subject_id, entry.purpose, entry.account_id) == (
        report.pk,
        "emergency",
        town.market_officer.account_id,
    )
    assert REASON not in str(list(AuditEntry.objects.values_list("details", flat=True)))


def test_what_nobody_reviewed_in_three_days_is_shouted_once_a_day_until_somebody_does(town: Town, turn: Turn) -> None:
    glass = broken(town, with_contact(at=VILLAGE_AT))
    turn(hours=71)
    assert shout_unreviewed(SYSTEM) == 0 and not access_alarms(town.commander)
    for hours, shouted in ((73, 1), (74, 1), (98, 2)):
        turn(hours=hours)
        assert shout_unreviewed(SYSTEM) == 1
        assert EventRow.objects.filter(name="vault.GlassUnreviewed").count() == shouted
    assert [str(alarm.word) for alarm in access_alarms(town.commander)] == ["紧急打开过期未审核"]
    page = town.browser(_auditor(town)).get("/glass/review").content.decode()
    assert "过期未审核" in page and REASON in page
    review_glass(town.actor(_auditor(town)), glass.pk, verdict=RIGHT, words="属实")
    assert shout_unreviewed(SYSTEM) == 0 and not access_alarms(town.commander)


def _auditor(town: Town) -> str:
    """The station's auditor, made when first asked for."""
    known = [name for name, role in town.roles.items() if role == Role.AUDITOR]
    if not known:
        town.newcomer(Role.AUDITOR)
    return next(name for name, role in town.roles.items() if role == Role.AUDITOR)


def test_nobody_reviews_their_own_and_no_other_role_reviews(town: Town) -> None:
    glass = broken(town, with_contact(at=VILLAGE_AT))
    auditor = town.newcomer(Role.AUDITOR)
    Glass.objects.filter(pk=glass.pk).update(account_id=auditor.account_id)
    for actor in (auditor, town.commander, town.dispatcher, town.admin, town.market_officer):
        with pytest.raises(NotFound):
            review_glass(actor, glass.pk, verdict=RIGHT, words="属实")
    with pytest.raises(IntegrityError), transaction.atomic():
        Glass.objects.filter(pk=glass.pk).update(reviewed_by_id=auditor.account_id)
    other = town.newcomer(Role.AUDITOR)
    assert review_glass(other, glass.pk, verdict=RIGHT, words="属实").reviewed_by_id == other.account_id
    with pytest.raises(Invalid):
        review_glass(other, glass.pk, verdict=RIGHT, words="再审一次")


def test_the_resident_is_told_when_safe(town: Town, turn: Turn) -> None:
    report = with_contact(at=VILLAGE_AT)
    glass = broken(town, report)
    tell_glass(town.market_officer, glass.pk)
    contact(town.market_officer, report)
    assert looks(report) == []
    Glass.objects.filter(pk=glass.pk).update(hidden_until=None)
    assert [str(one.what) for one in looks(report)] == ["打开了联系方式", "紧急打开后看了内容", "因生命危险紧急打开"]
    Glass.objects.filter(pk=glass.pk).update(hidden_until=glass.hidden_until)
    for days in (-1, 91):
        with pytest.raises(Invalid):
            review_glass(town.newcomer(Role.AUDITOR), glass.pk, verdict=RIGHT, words="他还在家", hide_days=days)
    review_glass(town.newcomer(Role.AUDITOR), glass.pk, verdict=RIGHT, words="他还在家", hide_days=30)
    turn(days=29)
    assert looks(report) == []
    turn(days=31)
    assert len(looks(report)) == 3
    reporter = town.browser()
    reporter.post("/track", {"number": report.number, "code": tracking.code_of(report.number)})
    assert "因生命危险紧急打开" in reporter.get(f"/track/{report.number}/data").content.decode()


def test_the_pages(town: Town) -> None:
    report, officer = with_contact(at=VILLAGE_AT), town.browser("wangxm")
    given = {"kind": "report", "number": report.number, "reason": REASON, "danger": "on"}
    assert officer.post("/glass", given | {"danger": ""}).status_code == 422
    went = officer.post("/glass", given)
    glass = Glass.objects.get()
    assert went["Location"] == f"/glass/{glass.pk}"
    page = officer.get(f"/glass/{glass.pk}")
    assert report.text in page.content.decode() and "no-store" in page["Cache-Control"]
    assert "13800001234" not in page.content.decode()
    assert "13800001234" in officer.post(f"/glass/{glass.pk}", {"record": report.contact_id}).content.decode()
    assert town.browser("liwei").get(f"/glass/{glass.pk}").status_code == 404
    review = {"verdict": "right", "words": "属实", "hide_days": "0", "version": "1"}
    assert town.browser("hanli").post(f"/glass/{glass.pk}/review", review).status_code == 403
    assert "王小明" in town.browser("hanli").get("/glass/review").content.decode()
    auditor = town.browser(_auditor(town))
    assert auditor.post(f"/glass/{glass.pk}/review", review | {"words": ""}).status_code == 422
    assert auditor.post(f"/glass/{glass.pk}/review", review)["Location"] == "/glass/review"
    assert "确有必要" in auditor.get("/glass/review").content.decode()
