"""Matters found by their words: marks instead of words in the index, two signs are enough, erased with their row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from jiean.intake.commands import add_supplement, index_reports, refer_report
from jiean.intake.models import Report, Supplement
from jiean.intake.queries import reports_of_telephone_end, reports_telling
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Forbidden
from jiean.kernel.models import AuditEntry
from jiean.vault import keys, queries
from jiean.vault.commands import digest_ends, erase_matter, look_up
from jiean.vault.marks import marks_of, marks_wanted
from jiean.vault.models import Kind, MatterKind, SealedRecord, WordMarks
from tests.intake.scenes import body, studied, with_contact
from tests.town import SYSTEM, VILLAGE_AT, Town


def numbers(actor: Actor, words: str) -> list[str]:
    return [row.number for row in reports_telling(actor, words)]


def test_two_signs_find_a_report_taken_seconds_ago_the_newest_first(town: Town) -> None:
    first, second = studied("楼上半夜敲打暖气管"), studied("暖气不热，敲门没人应")
    studied("消防通道被占")
    assert numbers(town.dispatcher, "暖气") == [second.number, first.number]
    assert numbers(town.dispatcher, "暖气 敲打") == [first.number], "all words must occur"
    assert numbers(town.dispatcher, "敲打暖气管") == [first.number]
    assert numbers(town.dispatcher, "管气暖") == []


def test_signs_in_pairs_that_never_stand_together_are_told_apart_by_the_row(town: Town) -> None:
    studied("甲乙路口，乙丙两家")
    assert queries.matters_with(town.dispatcher, MatterKind.REPORT, "甲乙丙"), "the marks alone say perhaps"
    assert numbers(town.dispatcher, "甲乙丙") == []


def test_both_sides_are_read_in_one_form(town: Town) -> None:
    told = studied("樓上ＡＢＣ說話聲太大", place_words="五號樓")
    for words in ("楼上", "abc", "說話", "说话", "五号楼", "楼 上"):
        assert numbers(town.dispatcher, words) == [told.number], words


@pytest.mark.parametrize(
    "words", ["", " ", "，。", "\x00\x07", "🙂", "口" * 100_000, "שלום", "%_'\"\\", "٣٤", "\ud800"]
)
def test_odd_words_are_answered_with_nothing(town: Town, words: str) -> None:
    studied("门口有人吵架")
    assert numbers(town.dispatcher, words) == []


def test_one_sign_finds_too(town: Town) -> None:
    told = studied("鳄鱼跑了")
    assert numbers(town.dispatcher, "鳄") == [told.number]


def test_words_stand_nowhere_in_clear_in_the_index(town: Town) -> None:
    studied("暖气不热")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(w::text, ' ') FROM vault_wordmarks w")
        kept = cursor.fetchone()[0]
    assert not any(sign in kept for sign in "暖气不热")
    own = keys.station_keys()
    assert set(marks_of(own, "report", "暖气")).isdisjoint(marks_of(own, "incident", "暖气")), "kinds share no mark"
    other = keys.StationKeys(own.current, own.wrapping, bytes(32))
    assert set(marks_of(own, "report", "暖气")).isdisjoint(marks_of(other, "report", "暖气")), "nor do stations"
    assert len(marks_wanted(own, "report", "暖气片")) == 2


def test_one_finds_only_what_one_may_see(town: Town) -> None:
    far = studied("村口井盖丢了", VILLAGE_AT)
    near = studied("市场井盖松了")
    assert numbers(town.dispatcher, "井盖") == [near.number, far.number]
    assert numbers(town.market_officer, "井盖") == [near.number]
    assert numbers(town.mediator, "井盖") == []
    refer_report(town.dispatcher, far.pk, body().pk)
    assert numbers(replace(town.mediator, organisation_id=body().pk), "井盖") == [far.number], (
        "what lies with one's body"
    )
    for stranger in (town.admin, town.newcomer(Role.VOLUNTEER), town.newcomer(Role.AUDITOR), Actor.public()):
        assert numbers(stranger, "井盖") == []
        with pytest.raises(Forbidden):
            queries.matters_with(stranger, MatterKind.REPORT, "井盖")


def test_an_officers_search_reads_no_row_but_own_ones(town: Town) -> None:
    """Time tells nothing: the plan goes by the officer's own ids, however many others hold the word."""
    near = studied("市场井盖松了")
    for _turn in range(30):
        studied("村口井盖丢了", VILLAGE_AT)
    with connection.cursor() as cursor:
        own = marks_wanted(keys.station_keys(), "report", "井盖")
        cursor.execute("SET LOCAL enable_seqscan = off")  # what a full table has by itself
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + queries._AMONG_OWN, ["report", [near.pk], own, 60])
        plan = cursor.fetchone()[0]
    nodes = [*nodes_of(plan[0]["Plan"])]
    compared = [place for place, node in enumerate(nodes) if "marks @>" in node.get("Filter", "")]
    reads = [(place, node) for place, node in enumerate(nodes) if "Index Name" in node]
    assert {node["Index Name"] for _place, node in reads} == {"vault_words_of_matter"}
    assert [(node["Actual Rows"], place > compared[0]) for place, node in reads] == [(1, True)], (
        "one row is read, and words are compared only above that"
    )


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """From the top down, whichever way the planner takes: an index alone or a bitmap of it, with a sort between or none."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes_of(below)


def test_a_word_is_found_wherever_it_stands(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "NEWEST", 2)
    monkeypatch.setattr(queries, "FARTHER", 3)
    monkeypatch.setattr(queries, "A_FEW", 1)
    told = [studied(f"{'鸽棚' if turn % 3 else '井盖'}的事") for turn in range(12)]
    having = [one.number for turn, one in enumerate(told) if turn % 3]
    assert numbers(town.dispatcher, "鸽棚") == having[::-1]
    assert numbers(town.dispatcher, "井盖") == [one.number for one in told[::3]][::-1]
    assert len(queries.matters_with(town.dispatcher, MatterKind.REPORT, "鸽棚", most=5)) == 5


def test_what_is_added_later_is_found(town: Town) -> None:
    told = studied("门口有人吵架")
    add_supplement(town.dispatcher, told.pk, text="其中一人骑三轮车")
    assert numbers(town.dispatcher, "三轮车") == [told.number]


def test_marks_go_with_their_row(town: Town) -> None:
    told, other = studied("暖气不热"), studied("暖气漏水")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM intake_report WHERE id = %s", [told.pk])
    assert list(WordMarks.objects.values_list("matter_id", flat=True)) == [other.pk]
    erase_matter(SYSTEM, MatterKind.REPORT, other.pk)
    assert not WordMarks.objects.exists()


def test_an_old_station_is_filled_and_a_missed_report_caught_up(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    told = studied("暖气不热")
    monkeypatch.setattr("jiean.vault.commands.records.station_keys", _away)
    missed = studied("暖气漏水")
    monkeypatch.undo()
    assert numbers(town.dispatcher, "暖气") == [told.number], "taken all the same, not found yet"
    assert index_reports(SYSTEM) == (missed.pk, 1)
    assert index_reports(SYSTEM, after=missed.pk) == (0, 0)
    assert numbers(town.dispatcher, "漏水") == [missed.number]
    Report.objects.filter(pk=told.pk).update(text="水管不热")
    assert index_reports(SYSTEM, anew=True)[1] == 2
    assert numbers(town.dispatcher, "水管") == [told.number]
    assert Supplement.objects.count() == 0


def _away() -> keys.StationKeys:
    raise keys.KeyUnavailable("away")


def test_the_end_of_a_telephone_finds_for_holders_alone(town: Town) -> None:
    near, far = with_contact(), with_contact(at=VILLAGE_AT)
    for actor, expected in (
        (town.dispatcher, [far.number, near.number]),
        (town.market_officer, [near.number]),
        (town.mediator, []),
        (town.admin, []),
        (Actor.public(), []),
    ):
        assert [row.number for row in reports_of_telephone_end(actor, "1234")] == expected
    for words in ("0012", "123", "12345", "١٢٣٤", "", "....", "138*"):
        assert reports_of_telephone_end(town.dispatcher, words) == []
    looks = AuditEntry.objects.filter(action="vault.looked_up").values_list("subject_id", flat=True)
    assert sorted(looks) == sorted([far.pk, near.pk, near.pk])
    assert "1234" not in str(AuditEntry.objects.values_list("details", flat=True))


def test_records_sealed_before_are_found_by_their_end_after_the_index_was_made(town: Town) -> None:
    told = with_contact()
    record = SealedRecord.objects.get()
    SealedRecord.objects.update(digests=record.digests[:1])
    assert reports_of_telephone_end(town.dispatcher, "1234") == []
    assert digest_ends(SYSTEM) == record.pk and digest_ends(SYSTEM, after=record.pk) == 0
    assert [row.id for row in reports_of_telephone_end(town.dispatcher, "1234")] == [told.pk]
    assert look_up(town.dispatcher, Kind.REPORTER, "phone", "13800001234")
