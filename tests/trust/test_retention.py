"""T-RETAIN, T-ERASE, T-SEAL: every class that ends has a clock, moved forward it leaves nothing, a legal hold stops it and says so."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from axes.models import AccessFailureLog
from django.utils import timezone

from jiean.dispatch.commands import Fix, assign_unit, clear_incident, feed_back, record_positions
from jiean.dispatch.models import Incident, PositionTrack, Shift, ShiftMember
from jiean.intake import album, lessons
from jiean.intake.commands import (
    accept_as_incident,
    answer_report,
    ask_rights,
    close_report,
    grant_rights,
    hold_report,
    merge_reports,
    refuse_rights,
    reject_report,
    release_report,
)
from jiean.intake.issues import to_group
from jiean.intake.models import Report, RightsRequest
from jiean.intake.tracking import code_of
from jiean.kernel import clocks, erasures, retention
from jiean.kernel.errors import Forbidden, IllegalMove, Invalid, NotFound
from jiean.kernel.housekeeping import retire
from jiean.kernel.models import AuditEntry, Erasure, Event, Hold, Transition
from jiean.kernel.pictures import redraw
from jiean.kernel.registry import Keeping, personal
from jiean.people.models import Account, Duty, Sitting, StaffDraft
from jiean.vault.models import MatterKey, SealedRecord, WordMarks
from tests.dispatch.post import open_post
from tests.intake.scenes import PUBLIC, picture, with_contact
from tests.town import MARKET_AT, SYSTEM, Town

pytestmark = [pytest.mark.trust, pytest.mark.django_db]
DAY = dt.timedelta(days=1)
WORDS = "三号楼的老赵半夜敲锣"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> Any:
    """Move the clock so far forward and let the night's job run."""

    def night(after: dt.timedelta) -> None:
        at = dt.datetime.now(dt.UTC) + after
        with monkeypatch.context() as moved, django_capture_on_commit_callbacks(execute=True):
            moved.setattr(clocks, "now", lambda: at)
            retire.func(0)  # type: ignore[attr-defined]

    return night


def left_of(report: Report) -> str:
    """Every personal word that is still there of a report, its incident, and what hangs on them."""
    report.refresh_from_db()
    words = [str(getattr(report, name) or "") for name in personal("intake.report") if name != "advice"]
    words += [one.text for one in report.supplements.all()] + [str(photo) for photo in report.photos.all()]
    words += list(
        Transition.objects.filter(kind="intake.report", subject_id=report.pk).values_list("reason", flat=True)
    )
    words += [str(one.pk) for one in SealedRecord.objects.filter(matter_kind="report", matter_id=report.pk)]
    words += [str(one.pk) for one in WordMarks.objects.filter(matter_kind="report", matter_id=report.pk)]
    return "".join(words)


def finished(town: Town, how: str) -> Report:
    """A report with everything in it, brought to its end in one of the ways there are."""
    report = with_contact(text=WORDS, place_words="三号楼下", photos=[redraw(picture())])
    desk = town.dispatcher
    if how == "rejected":
        reject_report(desk, report.pk, reason="老赵已经搬走")
    elif how == "merged":
        lead = with_contact(text=WORDS)
        merge_reports(desk, lead.pk, [report.pk])
        reject_report(desk, lead.pk, reason="不在辖区")
    else:
        answer_report(desk, report.pk, outcome="handled", answer="已和老赵谈过")
        if how == "closed":
            close_report(desk, report.pk)
    return report


def test_every_class_that_ends_has_a_clock() -> None:
    """All but the audit: its rows can only be inserted, by design; six years have a cutting of the chain by the owner."""
    assert retention.without_clock() == [Keeping.AUDIT]


def test_a_class_without_a_clock_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plant."""
    left = {name: one for name, one in retention._CLOCKS.items() if Keeping.TRACKS not in one.keepings}
    monkeypatch.setattr(retention, "_CLOCKS", left)
    assert retention.without_clock() == [Keeping.TRACKS, Keeping.AUDIT]


@pytest.mark.parametrize("how", ["closed", "rejected", "answered", "merged"])
def test_a_year_after_its_end_nothing_of_a_report_is_left(town: Town, later: Any, how: str) -> None:
    report = finished(town, how)
    file = album.path_of(report.photos.get().name)
    later(364 * DAY)
    assert WORDS in left_of(report) and file.exists(), "not a day too early"
    later(366 * DAY)
    assert left_of(report) == "" and not file.exists()
    assert not MatterKey.objects.filter(matter_kind="report", matter_id=report.pk).exists()
    assert Erasure.objects.filter(kind="report", subject_id=report.pk).count() == 1


def test_what_is_open_stays_and_so_does_what_went_into_it(town: Town, later: Any) -> None:
    lead, report = with_contact(text=WORDS), with_contact(text=WORDS)
    merge_reports(town.dispatcher, lead.pk, [report.pk])
    later(800 * DAY)
    assert WORDS in left_of(report) and WORDS in left_of(lead)


def closed_incident(town: Town) -> tuple[Report, Incident]:
    report = with_contact(text=WORDS, place_words="三号楼下")
    incident_id = accept_as_incident(town.dispatcher, report.pk).incident_id
    assert incident_id is not None
    unit = open_post(town).units["P-01"]
    assign_unit(town.dispatcher, incident_id, unit.pk)
    clear_incident(town.dispatcher, incident_id, disposition="settled_on_spot", outcome="老赵答应不敲了")
    feed_back(town.dispatcher, incident_id, outcome="已告诉老赵")
    Incident.objects.filter(pk=incident_id).update(state=Incident.State.ARCHIVED)
    return report, Incident.objects.get(pk=incident_id)


def words_in(incident: Incident) -> str:
    incident.refresh_from_db()
    words = [incident.summary, incident.place_words, incident.outcome, str(incident.contact_id or "")]
    words += Transition.objects.filter(kind="dispatch.incident", subject_id=incident.pk).values_list(
        "reason", flat=True
    )
    words += [str(one.pk) for one in WordMarks.objects.filter(matter_kind="incident", matter_id=incident.pk)]
    return "".join(words)


def test_three_years_after_its_end_an_incident_is_a_number_and_a_rough_place(town: Town, later: Any) -> None:
    _report, incident = closed_incident(town)
    later(3 * 365 * DAY - DAY)
    assert "老赵" in words_in(incident) and (incident.lon, incident.lat) == MARKET_AT
    later(3 * 365 * DAY + DAY)
    assert words_in(incident) == "" and incident.erased_at and (incident.lon, incident.lat) != MARKET_AT
    assert abs(incident.lon - MARKET_AT[0]) < 0.05, "in the same quarter, but no longer at anybody's door"


def test_an_objection_to_the_whole_reaches_the_incidents_copy(town: Town) -> None:
    report, incident = closed_incident(town)
    Report.objects.filter(pk=report.pk).update(state=Report.State.CLOSED)
    asked = ask_rights(PUBLIC, report.pk, kind="object", about="all", code=code_of(report.number))
    Incident.objects.filter(pk=incident.pk).update(state=Incident.State.HANDLED)
    with pytest.raises(IllegalMove) as refused:
        grant_rights(town.dispatcher, asked.pk)
    assert "没办完" in str(refused.value.message)
    Incident.objects.filter(pk=incident.pk).update(state=Incident.State.ARCHIVED)
    grant_rights(town.dispatcher, asked.pk)
    assert words_in(incident) == "" and left_of(report) == ""
    assert {one.kind for one in Erasure.objects.all()} == {"report", "incident"}


def test_the_other_classes_end_too(town: Town, later: Any) -> None:
    now = timezone.now()
    browser = town.browser("hanli")
    browser.get("/desk")
    AccessFailureLog.objects.create(username="hanli", ip_address="10.0.0.1", user_agent="x")
    StaffDraft.objects.create(account_id=1, plan={"name": "李四"})
    gone = town.accounts["liwei"]
    Account.objects.filter(pk=gone.pk).update(is_active=False, updated_at=now)
    Duty.objects.filter(account=gone).update(until=now, note="老李去学习")
    unit = open_post(town).units["P-01"]
    record_positions(SYSTEM, [Fix(unit.pk, *MARKET_AT, at=now)])
    report = with_contact(text=WORDS)
    asked = ask_rights(PUBLIC, report.pk, kind="object", about="contact", words="不想留", code=code_of(report.number))
    refuse_rights(town.dispatcher, asked.pk, ground="handling", answer="老赵的事还在办")
    later(29 * DAY)
    assert PositionTrack.objects.exists() and Event.objects.exists() and StaffDraft.objects.exists()
    later(40 * DAY)
    assert not (PositionTrack.objects.exists() or Event.objects.exists() or StaffDraft.objects.exists())
    assert not Sitting.objects.exists() and AccessFailureLog.objects.exists() and ShiftMember.objects.exists()
    later(370 * DAY)
    gone.refresh_from_db()
    assert (gone.name, gone.pinyin, gone.phone) == ("离岗人员", "", "") and not gone.has_usable_password()
    assert not (AccessFailureLog.objects.exists() or ShiftMember.objects.exists() or Shift.objects.exists())
    assert not Duty.objects.exclude(note="").exists()
    later(3 * 365 * DAY + DAY)
    assert set(RightsRequest.objects.values_list("words", "answer")) == {("", "")}


def test_one_clock_that_fails_stops_no_other_and_the_night_shows_as_failed(town: Town, monkeypatch: Any, later: Any) -> None:  # fmt: skip
    report = finished(town, "rejected")

    def broken() -> int:
        raise RuntimeError("planted")

    monkeypatch.setitem(retention._CLOCKS, "a.first", retention.Clock("a.first", (), broken))
    with pytest.raises(retention.ClocksFailed, match=r"^a\.first$"):
        later(366 * DAY)
    assert left_of(report) == ""
    told = AuditEntry.objects.filter(action="kernel.retired").latest("id").details
    assert told["failed"] == 1 and told["intake_forget_reports"] == 1


def test_what_the_ledger_missed_is_added_at_night(town: Town, later: Any, settings: Any, tmp_path: Any) -> None:
    """The plant: the ledger's disk was away when the erasure happened."""
    settings.ERASURE_LEDGER = tmp_path / "away" / "erasures.jsonl"
    (tmp_path / "away").touch()
    report = finished(town, "rejected")
    with pytest.raises(OSError):
        later(366 * DAY)
    (tmp_path / "away").unlink()
    later(366 * DAY)
    later(367 * DAY)
    assert {(one.kind, one.id) for one in erasures.read(settings.ERASURE_LEDGER)} == {("report", report.pk)}


def in_days(days: int) -> dt.datetime:
    return clocks.now() + days * DAY


def test_a_hold_stops_every_erasure_and_says_so_until_it_is_lifted(town: Town, later: Any) -> None:
    report, incident = closed_incident(town)
    Report.objects.filter(pk=report.pk).update(state=Report.State.CLOSED)
    asked = ask_rights(PUBLIC, report.pk, kind="object", about="all", code=code_of(report.number))
    hold_report(town.commander, report.pk, ground="court", reason="法院要", review_at=in_days(60))
    with pytest.raises(IllegalMove) as refused:
        grant_rights(town.dispatcher, asked.pk)
    assert "依法留存" in str(refused.value.message)
    later(4 * 365 * DAY)
    assert WORDS in left_of(report) and "老赵" in words_in(incident)
    mine = town.browser()
    mine.post("/track", {"number": report.number, "code": code_of(report.number)})
    page = mine.get(f"/track/{report.number}/data").content.decode()
    assert "依法留存" in page and "诉讼或仲裁需要" in page and "法院要" not in page, "the ground, not the words"
    assert mine.get(f"/track/{report.number}/data/json").json()["hold"]["ground"] == "诉讼或仲裁需要"
    for name, sees_words in (("hanli", True), ("chenxiao", False)):
        page = town.browser(name).get(f"/desk/{report.pk}").content.decode()
        assert "依法留存" in page and ("法院要" in page) == sees_words
    Hold.objects.update(review_at=clocks.now() - DAY)
    assert "复查已经过期" in town.browser("chenxiao").get(f"/desk/{report.pk}").content.decode()
    release_report(town.commander, report.pk)
    later(4 * 365 * DAY)
    assert left_of(report) == "" and words_in(incident) == ""


def test_a_hold_stops_use_of_what_is_over_for_anything_but_the_law(town: Town) -> None:
    report, other = (with_contact(text=WORDS) for _number in range(2))
    for one in (report, other):
        accept_as_incident(town.dispatcher, one.pk)
        Report.objects.filter(pk=one.pk).update(state=Report.State.CLOSED)

    def used_by(purpose: str) -> int:
        return town.browser("hanli").post(f"/desk/{report.pk}/contact", {"purpose": purpose}).status_code

    def learnt() -> set[int]:
        return {one.id for one in lessons.routed()}

    def grouped() -> set[int]:
        return {one.id for one in to_group(clocks.now())}

    both = {report.pk, other.pk}
    Incident.objects.update(state=Incident.State.ARCHIVED)
    assert used_by("dispatch") == used_by("legal") == 200 and learnt() == grouped() == both, "the plant: without a hold"
    hold_report(town.commander, report.pk, ground="court", reason="法院要", review_at=in_days(60))
    assert used_by("dispatch") == used_by("emergency") == 409 and used_by("legal") == 200
    assert learnt() == grouped() == {other.pk}
    release_report(town.commander, report.pk)
    assert used_by("dispatch") == 200 and learnt() == grouped() == both


def test_only_the_commander_holds_with_a_reason_for_ninety_days_at_most(town: Town) -> None:
    report = finished(town, "rejected")
    for actor in (town.dispatcher, town.market_officer, town.admin, PUBLIC):
        with pytest.raises((NotFound, Forbidden)):
            hold_report(actor, report.pk, ground="court", reason="x", review_at=in_days(9))
    for wrong in ({"reason": ""}, {"ground": "mood"}, {"review_at": in_days(91)}, {"review_at": in_days(-1)}):
        with pytest.raises(Invalid):
            hold_report(town.commander, report.pk, **{"ground": "court", "reason": "x", "review_at": in_days(9)} | wrong)  # type: ignore[arg-type]  # fmt: skip
    browser = town.browser("hanli")
    day = f"{clocks.local_day(in_days(30)):%Y-%m-%d}"
    given = {"ground": "case", "reason": "复核", "review_on": day}
    assert browser.post(f"/desk/{report.pk}/hold", given | {"review_on": ""}).status_code == 422
    assert browser.post(f"/desk/{report.pk}/hold", given).status_code == 302
    assert browser.post(f"/desk/{report.pk}/hold", given).status_code == 302, "renewed"
    assert Hold.objects.filter(lifted_at=None).count() == 1
    assert browser.post(f"/desk/{report.pk}/release").status_code == 302
    with pytest.raises(NotFound):
        release_report(town.commander, report.pk)
    assert AuditEntry.objects.filter(action="intake.hold_report", outcome="done").count() == 2
