"""A report is taken whole: number, cell, proposal, sealed contact, news."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiean.intake import tracking
from jiean.intake.commands import Contact, submit_report
from jiean.intake.models import Kind, Report, Urgency
from jiean.intake.queries import report_detail, similar_open, tracked
from jiean.kernel import clocks
from jiean.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from jiean.kernel.models import AuditEntry, Event
from jiean.vault.commands import open_record
from jiean.vault.models import MatterKind, Purpose, SealedRecord
from jiean.vault.queries import masked
from tests.intake.scenes import PUBLIC, QUARREL, reported, with_contact
from tests.town import MARKET_AT, OUTSIDE, SCHOOL_AT, Town


def test_a_report_lands_in_its_cell_with_a_proposal(town: Town) -> None:
    report = reported()
    assert report.number == f"B{clocks.local_day(clocks.now()):%y}-{report.pk:06d}"
    assert report.cell_id == town.cells["SJ-001"].pk
    assert (report.state, report.kind, report.red_flag) == ("NEW", Kind.DISPUTE, False)
    assert report.advice["reasons"] and not report.advice["abstained"]
    assert report.due_at > report.received_at


@pytest.mark.parametrize("text", ["有人拿刀追人", "楼上着火了", "我闻到很重的煤气味", "救命啊"])
def test_red_flags_are_urgent_and_sound_the_alarm(town: Town, text: str) -> None:
    report = reported(text)
    assert (report.urgency, report.red_flag) == (Urgency.NOW, True)
    assert Event.objects.filter(name="intake.RedFlagRaised", subject_id=report.pk).exists()


def test_an_alarm_is_heard_of_no_calm_report(town: Town) -> None:
    reported("请问办居住证要带什么材料")
    assert not Event.objects.filter(name="intake.RedFlagRaised").exists()


def test_words_and_contacts_stay_in_their_row(town: Town) -> None:
    report = with_contact(text="我是幸福里三号楼的,隔壁天天打孩子")
    with connection.cursor() as cursor:
        for table in (
            "kernel_event",
            "kernel_auditentry",
            "kernel_transition",
            "procrastinate_jobs",
            "vault_sealedrecord",
        ):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            kept = cursor.fetchone()[0]
            for secret in ("幸福里", "打孩子", "张三丰", "13800001234", tracking.code_of(report.number)):
                assert secret not in kept, table
    assert masked([report.contact_id])[report.contact_id] == {"name": "张**", "phone": "138****1234"}


def test_a_contact_opens_for_those_who_handle_the_report(town: Town) -> None:
    report = with_contact()
    matter = {"matter_kind": MatterKind.REPORT, "matter_id": report.pk, "purpose": Purpose.DISPATCH}
    assert open_record(town.dispatcher, report.contact_id, **matter)["phone"] == "13800001234"
    assert open_record(town.market_officer, report.contact_id, **matter)["name"] == "张三丰"
    with pytest.raises(NotFound):
        open_record(town.school_officer, report.contact_id, **matter)
    with pytest.raises(Forbidden):
        open_record(town.admin, report.contact_id, **matter)


def test_a_report_without_contact_seals_nothing(town: Town) -> None:
    assert reported(contact=Contact(" ", "")).contact_id is None
    assert not SealedRecord.objects.exists()


def test_places_by_pin_by_code_by_words(town: Town) -> None:
    by_code = reported(at=None, premises_id=town.market.pk)
    assert (by_code.lon, by_code.lat) == MARKET_AT and by_code.cell_id == town.cells["SJ-001"].pk
    by_pin = reported(at=SCHOOL_AT, premises_id=town.market.pk)
    assert by_pin.cell_id == town.cells["SJ-002"].pk, "the pin says more than the poster"
    by_words = reported(at=None, place_words="新街路和花城路口")
    assert (by_words.lon, by_words.cell_id) == (None, None)
    outside = reported(at=OUTSIDE)
    assert outside.cell_id is None, "a report from outside is kept, the desk decides"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": "   "}, "text"),
        ({"text": "长" * 2001}, "text"),
        ({"at": None}, "place_words"),
        ({"at": (200.0, 31.0)}, "place_words"),
        ({"at": (121.0, float("nan"))}, "place_words"),
        ({"at": None, "premises_id": 999_999}, "premises_id"),
        ({"place_words": "长" * 121}, "place_words"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(town: Town, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        reported(**given)
    assert field in refusal.value.fields
    assert not Report.objects.exists()


def test_a_wrong_clock_is_no_reason_to_refuse_a_report(town: Town) -> None:
    at = clocks.now()
    for ago in (dt.timedelta(hours=5), dt.timedelta(hours=-1), dt.timedelta(days=31)):
        report = reported(device_at=at - ago)
        assert (report.device_at, report.made_at) == (at - ago, None), (
            "kept as said; nothing says what that clock showed"
        )


def test_staff_who_run_or_check_the_system_do_not_report(town: Town) -> None:
    with pytest.raises(Forbidden):
        submit_report(town.admin, text=QUARREL, place_words="门口")
    assert not Report.objects.exists()


def test_one_key_makes_one_report(town: Town) -> None:
    keyed = submit_report.keyed("tap-1")
    first = keyed(PUBLIC, text=QUARREL, place_words="门口")
    assert keyed(PUBLIC, text=QUARREL, place_words="门口").pk == first.pk
    with pytest.raises(Conflict):
        keyed(PUBLIC, text="另一件事", place_words="门口")
    assert Report.objects.count() == 1


def test_taking_a_report_costs_few_statements(town: Town) -> None:
    reported()
    with CaptureQueriesContext(connection) as statements:
        submit_report.keyed("k")(
            PUBLIC, text=QUARREL, lon=MARKET_AT[0], lat=MARKET_AT[1], contact=Contact("张三丰", "13800001234")
        )
    own = [one["sql"] for one in statements if "SAVEPOINT" not in one["sql"]]
    assert len(own) <= 2, own


def test_the_driver_need_not_parse_a_reports_statements_anew(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """psycopg keeps what it read of a statement only up to 50 parameters and 4,096 bytes; beyond, each report pays for it again."""
    sent: list[tuple[int, int]] = []

    def look(execute: Any, statement: str, given: Any, many: bool, context: Any) -> Any:
        sent.append((len(given or ()), len(statement.encode())))
        return execute(statement, given, many, context)

    with connection.execute_wrapper(look):
        submit_report.keyed("k")(
            PUBLIC, text="家里着火了", lon=MARKET_AT[0], lat=MARKET_AT[1], place_words="门口",
            contact=Contact("张三丰", "13800001234"), device_at=clocks.now(),
        )  # fmt: skip
    assert max(count for count, _bytes in sent) <= 50
    assert max(size for _count, size in sent) <= 4096


def test_the_code_is_derived_and_only_the_right_one_fits(town: Town) -> None:
    report = reported()
    code = tracking.code_of(report.number)
    assert len(code) == 8 and code == tracking.code_of(report.number)
    assert tracked(report.number.lower(), f" {code[:4].lower()}-{code[4:]} ").report == report
    for number, wrong in ((report.number, "AAAAAAAA"), (report.number, ""), ("B26-999999", code), ("", "")):
        with pytest.raises(NotFound):
            tracked(number, wrong)


def test_codes_outlive_a_change_of_the_secret(town: Town, settings: Any) -> None:
    report = reported()
    code = tracking.code_of(report.number)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert tracked(report.number, code).report == report


def test_only_open_reports_near_by_are_alike(town: Town) -> None:
    near = reported(at=(MARKET_AT[0] + 0.0005, MARKET_AT[1]))
    reported(at=SCHOOL_AT)
    (found,) = similar_open(*MARKET_AT)
    assert found.report == near and 40 < found.distance_m < 55
    assert similar_open(*MARKET_AT, but=near.pk) == []


def test_who_sees_a_report(town: Town) -> None:
    report = reported()
    for actor in (town.commander, town.dispatcher, town.market_officer):
        assert report_detail(actor, report.pk).report == report
    for actor in (town.school_officer, town.mediator, town.admin, PUBLIC):
        with pytest.raises(NotFound):
            report_detail(actor, report.pk)
    assert AuditEntry.objects.filter(action="intake.submit_report", outcome="done").count() == 1
