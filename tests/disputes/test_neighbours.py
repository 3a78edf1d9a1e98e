"""Where disputes come from and go to: an incident's disposition, a report, the reporter's answer, reminders, the years."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from jiean.dispatch.commands import assign_unit, clear_incident
from jiean.disputes import commands
from jiean.disputes.commands import fail_dispute, remind_due, reopen_dispute, withdraw_dispute
from jiean.disputes.models import Agreement, CallBack, Dispute, Leg
from jiean.intake.commands import accept_as_dispute
from jiean.intake.models import Report
from jiean.kernel import clocks
from jiean.kernel.erasures import Erased, replay
from jiean.kernel.housekeeping import retire
from jiean.kernel.models import Erasure, Transition
from jiean.people.models import Message
from jiean.vault.models import MatterKind, SealedRecord, WordMarks
from jiean.vault.queries import masked
from tests.dispatch.post import open_post
from tests.disputes.scenes import case
from tests.intake.scenes import with_contact
from tests.town import SYSTEM, Town
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def test_a_crew_hands_its_incident_to_mediation_once(town: Town) -> None:
    post = open_post(town)
    incident = post.incident()
    assign_unit(town.dispatcher, incident.pk, post.units["P-01"].pk)
    clear_incident(town.dispatcher, incident.pk, disposition="mediation", outcome="双方同意调解")
    made = Dispute.objects.get()
    assert (made.incident_id, made.channel, made.cell) == (incident.pk, "incident", incident.cell)
    assert "双方同意调解" in made.facts


def test_a_report_becomes_a_dispute_and_hears_how_it_ended(town: Town) -> None:
    report = with_contact()
    accept_as_dispute(town.dispatcher, report.pk)
    made = Dispute.objects.get(report_id=report.pk)
    party = made.parties.get()
    assert masked([party.record_id])[party.record_id or 0]["phone"] == "138****1234"
    assert party.record_id != report.contact_id
    withdraw_dispute(town.dispatcher, made.pk, reason="已和好")
    run_jobs()
    report.refresh_from_db()
    assert (report.state, report.outcome) == (Report.State.ANSWERED, "explained")
    reopen_dispute(town.dispatcher, made.pk, reason="又吵了")
    run_jobs()
    report.refresh_from_db()
    assert report.state == Report.State.ACCEPTED


def test_whoever_holds_it_is_reminded_once_before_and_once_after(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    one = case(town).begun()
    due = one.now.due_at
    assert due is not None and remind_due(SYSTEM) == 0
    for at, sent in ((due - DAY / 2, 1), (due - DAY / 3, 0), (due + DAY, 1), (due + 2 * DAY, 0)):
        with monkeypatch.context() as moved:
            moved.setattr(clocks, "now", lambda at=at: at)
            assert remind_due(SYSTEM) == sent
    codes = Message.objects.filter(account=one.mediator.account_id).order_by("pk").values_list("code", flat=True)
    assert list(codes) == ["disputes.due_soon", "disputes.late"]
    mediator = town.browser("zhouping")
    assert "一天内到期" not in mediator.get("/disputes").content.decode(), "of one matter the newest reminder speaks"
    assert ">提醒<" in mediator.get("/disputes").content.decode()
    mediator.get(f"/disputes/{one.row.pk}")
    mediator.get(f"/disputes/{one.row.pk}")
    assert ">提醒<" not in mediator.get("/disputes").content.decode()


def test_the_search_box_jumps_to_a_number(town: Town) -> None:
    one = case(town)
    desk = town.browser("chenxiao")
    assert desk.post("/q", {"q": one.row.number.lower()}).url == f"/disputes/{one.row.pk}"


def left_of(row: Dispute) -> str:
    """Every personal word that is still there of a dispute and of what hangs on it."""
    row.refresh_from_db()
    words = [row.facts, row.place_words]
    for model, names in ((Agreement, ("facts", "liability", "terms", "performance")), (CallBack, ("note",)),
                         (Leg, ("reason", "reply"))):  # fmt: skip
        words += [str(getattr(one, name)) for one in model.objects.filter(dispute=row) for name in names]  # type: ignore[attr-defined]
    words += Transition.objects.filter(kind="disputes.dispute", subject_id=row.pk).values_list("reason", flat=True)
    words += [str(one.pk) for one in SealedRecord.objects.filter(matter_kind="dispute", matter_id=row.pk)]
    words += [str(one.pk) for one in WordMarks.objects.filter(matter_kind="dispute", matter_id=row.pk)]
    return "".join(words)


def test_notes_go_after_a_year_and_people_after_three(
    town: Town, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    one = case(town).begun()
    talk = commands.record_talk(one.mediator, one.row.pk, at=clocks.now(), note_words="让一步")
    fail_dispute(one.mediator, one.row.pk, reason="老赵不肯")
    live = case(town).begun()
    commands.refer_dispute(one.mediator, one.row.pk, way="court", reason="去法院")  # type: ignore[arg-type]
    ended = clocks.now()
    for days, notes, words in (
        (364, True, True),
        (366, False, True),
        (3 * 365 - 1, False, True),
        (3 * 365 + 1, False, False),
    ):
        with monkeypatch.context() as moved, django_capture_on_commit_callbacks(execute=True):
            moved.setattr(clocks, "now", lambda days=days: ended + days * DAY)
            retire.func(0)  # type: ignore[attr-defined]
        talk.refresh_from_db()
        assert (talk.note_id is not None, bool(left_of(one.row))) == (notes, words), days
    assert "天花板" in left_of(live.row), "what is open stays"
    assert sorted(Erasure.objects.values_list("scope", flat=True)) == ["all", "notes"]


def test_what_the_ledger_knows_is_erased_again(town: Town) -> None:
    one = case(town).closed()
    at = (clocks.now() + DAY).isoformat()
    assert replay([Erased(str(MatterKind.DISPUTE), one.row.pk, "all", at)]) == 1
    assert left_of(one.row) == ""
