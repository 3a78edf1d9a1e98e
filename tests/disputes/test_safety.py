"""Escalation: flags of persons with reasons, steps that protect, questions that persons answer; and the violations TRUST names, planted."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from jiean.disputes import commands, tracking
from jiean.disputes.models import Call, Dispute, Flag, Party, PleaseLook, Protection
from jiean.intake.commands import accept_as_dispute, merge_reports, undo_merge
from jiean.kernel import clocks
from jiean.kernel.actor import Role
from jiean.kernel.errors import Forbidden, IllegalMove, Invalid, NotFound, ProveYourself
from jiean.kernel.models import AuditEntry, Deadline, Transition
from jiean.vault.commands import look_up
from jiean.vault.models import Kind as Sealed
from jiean.vault.models import SealedRecord
from tests.disputes.scenes import APPLICANT, RESPONDENT, Case, case, registered, works_for
from tests.house.plan import SOURCE
from tests.intake.scenes import reported
from tests.town import SYSTEM, Town, proved
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
SAID = "她说他昨晚在楼下等到半夜"
THREAT = "楼上说要弄死我，手里拿着刀，两家为漏水吵"


def flagged(one: Case, **more: Any) -> Flag:
    given: dict[str, Any] = {"reasons": ["threat"], "words": SAID, "steps": ["rooms"]}
    return commands.raise_flag(one.mediator, one.row.pk, **given | more)


def hidden(one: Case) -> Case:
    """The applicant's address kept."""
    commands.protect_parties(one.mediator, one.row.pk, steps=["address"], party_id=one.party().pk)
    return one


class TestFlag:
    def test_protection_comes_first_and_reasons_and_words_are_asked_for(self, town: Town) -> None:
        one = case(town).begun()
        for wrong in ({"steps": []}, {"reasons": []}, {"reasons": ["bad person"]}, {"words": " "}):
            with pytest.raises(Invalid):
                flagged(one, **wrong)
        assert not Flag.objects.exists() and not Protection.objects.exists(), "nothing is half done"
        flag = flagged(one)
        assert (flag.state, flag.reasons) == ("RAISED", ["threat"])
        step = Protection.objects.get()
        assert (step.step, step.taken_by_id) == ("rooms", one.mediator.account_id)
        with pytest.raises(IllegalMove):
            flagged(one)

    def test_its_clocks_are_frozen_with_their_rule_and_the_dispute_keeps_its_own(self, town: Town) -> None:
        one = case(town).begun()
        due = one.now.due_at
        flag = flagged(one)
        rules = Deadline.objects.filter(kind="disputes.flag", subject_id=flag.pk)
        assert {(clock.code, clock.amount) for clock in rules} == {
            ("disputes.flag_review", 7),
            ("disputes.flag_stands", 30),
        }
        assert all(clock.source for clock in rules)
        assert (flag.review_by, flag.ends_at) == tuple(clock.due_at for clock in rules.order_by("amount"))
        assert one.now.due_at == due

    def test_another_person_reviews_it_and_the_table_holds_that_too(self, town: Town) -> None:
        one = case(town).begun()
        flag = flagged(one)
        with pytest.raises(IllegalMove):
            commands.review_flag(one.mediator, one.row.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            Flag.objects.filter(pk=flag.pk).update(state="STANDING", reviewed_by_id=flag.raised_by_id)
        commands.review_flag(town.commander, one.row.pk)
        flag.refresh_from_db()
        assert (flag.state, flag.reviewed_by_id) == ("STANDING", town.commander.account_id)

    def test_it_is_gone_in_thirty_days_with_its_words_unless_renewed(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept, gone = case(town).begun(), case(town).begun()
        flags = flagged(kept), flagged(gone)
        notes = [flag.note_id for flag in flags]
        start = clocks.now()
        monkeypatch.setattr(clocks, "now", lambda: start + 25 * DAY)
        commands.renew_flag(proved(kept.mediator), kept.row.pk, reasons=["wait"], words="还在楼下")
        monkeypatch.setattr(clocks, "now", lambda: start + 31 * DAY)
        assert commands.lapse_flags(SYSTEM) == 1 and commands.lapse_flags(SYSTEM) == 0
        for flag in flags:
            flag.refresh_from_db()
        assert [(flag.state, flag.reasons, flag.renewals) for flag in flags] == [
            ("RAISED", ["wait"], 1),
            ("GONE", [], 0),
        ]
        assert not SealedRecord.objects.filter(pk__in=notes).exists(), "what was said is destroyed, not only hidden"
        assert Protection.objects.filter(dispute=gone.row, ended_at=None).exists(), "what protects does not lapse"
        assert not Transition.objects.filter(kind="disputes.flag", subject_id=flags[1].pk).exclude(reason="").exists()

    def test_a_review_nobody_made_is_told_to_the_commander_once(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = case(town).begun()
        flagged(one)
        assert commands.remind_reviews(SYSTEM) == 0
        start = clocks.now()
        monkeypatch.setattr(clocks, "now", lambda: start + 7 * DAY)
        assert commands.remind_reviews(SYSTEM) == 1 and commands.remind_reviews(SYSTEM) == 0
        monkeypatch.undo()
        assert "民转刑提示待复核" in town.browser("hanli").get("/disputes").content.decode()

    def test_every_deed_wants_a_second_factor_and_is_in_the_audit(self, town: Town) -> None:
        one = case(town).begun()
        stale = works_for(town, "zhouping", "mediation")
        stale = type(stale)(**{**{f: getattr(stale, f) for f in stale.__slots__}, "proved_at": None})
        with pytest.raises(ProveYourself):
            commands.raise_flag(stale, one.row.pk, reasons=["threat"], words=SAID, steps=["rooms"])
        flagged(one)
        commands.review_flag(town.commander, one.row.pk)
        commands.lower_flag(town.commander, one.row.pk, reason="已经搬走")
        done = set(AuditEntry.objects.filter(outcome="done").values_list("action", flat=True))
        assert {"disputes.raise_flag", "disputes.review_flag", "disputes.lower_flag"} <= done
        assert SAID not in str(list(AuditEntry.objects.values_list("details", flat=True)))


class TestLooks:
    def test_the_disputes_own_words_ask_a_person_who_says_why_not(self, town: Town) -> None:
        one = case(town, facts=THREAT).begun()
        assert set(one.row.looks.values_list("why", flat=True)) == {"threat", "weapon"}
        commands.answer_look(one.mediator, one.row.pk, words="是气话，已和好")
        answered = one.row.looks.first()
        assert answered is not None
        assert (answered.answer, answered.answered_by_id) == ("not_needed", one.mediator.account_id)
        with pytest.raises(IntegrityError), transaction.atomic():
            PleaseLook.objects.filter(pk=answered.pk).update(answered_by_id=None)

    def test_a_flag_answers_it_and_nothing_is_asked_while_one_is_up(self, town: Town) -> None:
        one = case(town, facts=THREAT).begun()
        flagged(one)
        assert set(one.row.looks.values_list("answer", flat=True)) == {"flagged"}
        for _call in range(3):
            commands.note_call(one.mediator, one.row.pk)
        assert not one.row.looks.filter(answer="").exists()

    def test_denied_words_and_plain_quarrels_ask_nothing(self, town: Town) -> None:
        for facts in ("没有动手，没有威胁，就是嘴上吵", "楼上漏水，要赔两万"):
            assert not registered(town.dispatcher, facts=facts).looks.exists()

    def test_the_third_call_about_this_matter_within_thirty_days(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, other = case(town).begun(), case(town).begun()
        start = clocks.now()
        for days, asked in ((0, 0), (40, 0), (60, 0), (69, 1)):
            monkeypatch.setattr(clocks, "now", lambda days=days: start + days * DAY)
            commands.note_call(other.mediator, other.row.pk) if days == 0 else None
            commands.note_call(one.mediator, one.row.pk)
            assert one.row.looks.filter(why="calls").count() == asked, days
        assert not other.row.looks.exists(), "calls about another dispute count there"
        commands.answer_look(one.mediator, one.row.pk, words="催进度")
        commands.note_call(one.mediator, one.row.pk)
        assert not one.row.looks.filter(answer="").exists(), "answered calls count no more"

    def test_merged_reports_are_calls_and_taken_apart_they_are_none(self, town: Town) -> None:
        reports = [reported(), reported(), reported()]
        merge_reports(town.dispatcher, reports[0].pk, [reports[1].pk])
        accept_as_dispute(town.dispatcher, reports[0].pk)
        run_jobs()
        row = Dispute.objects.get()
        assert row.calls.count() == 2 and not row.looks.exists()
        merge_reports(town.dispatcher, reports[0].pk, [reports[2].pk])
        run_jobs()
        assert [one.why for one in row.looks.all()] == ["calls"]
        undo_merge(town.dispatcher, reports[2].pk)
        run_jobs()
        assert set(row.calls.values_list("report_id", flat=True)) == {reports[0].pk, reports[1].pk}

    def test_it_waits_on_the_holders_list_and_goes_thirty_days_after_its_answer(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = case(town, facts=THREAT)
        run_jobs()
        page = town.browser("hanli").get("/disputes/flags").content.decode()
        assert one.row.number in page and "经过里有威胁的话" in page
        one.begun()
        commands.answer_look(one.mediator, one.row.pk, words="气话")
        assert one.row.number not in town.browser("hanli").get("/disputes/flags").content.decode()
        start = clocks.now()
        monkeypatch.setattr(clocks, "now", lambda: start + 31 * DAY)
        assert commands.forget_looks(SYSTEM) == 2 and not PleaseLook.objects.exists()


def _said(page: str) -> str:
    """The words of the account on a page."""
    return "".join(re.findall(r'class="said">(.*?)</p>', page, re.DOTALL))


class TestAddress:
    """A protected address is for who mediates and the commander; nobody else of the station reads or finds it."""

    ADDRESS = APPLICANT.address

    def test_it_is_set_apart_and_no_look_up_finds_a_trace_of_it(self, town: Town) -> None:
        one = hidden(case(town).begun())
        party = one.party()
        assert party.address_id not in (None, party.record_id)
        assert "address" not in SealedRecord.objects.get(pk=party.record_id).masked
        assert SealedRecord.objects.get(pk=party.address_id).masked == {}
        found = look_up(town.dispatcher, Sealed.PARTY, "phone", APPLICANT.phone)
        assert found and "新街" not in str(found)

    def test_the_mediator_and_the_commander_open_it_and_officers_of_the_desk_do_not(self, town: Town) -> None:
        one = hidden(case(town, place_words=self.ADDRESS, facts=f"在{self.ADDRESS}吵了三回").begun())
        works_for(town, "wangxm", "mediation")
        address = f"/disputes/{one.row.pk}/party/{one.party().pk}"
        for name, sees in (("zhouping", True), ("hanli", True), ("wangxm", False)):
            browser = town.browser(name)
            pages = browser.post(address), browser.get(f"/disputes/{one.row.pk}"), browser.get("/disputes")
            assert [page.status_code for page in pages] == [200, 200, 200], name
            shown = "".join(page.content.decode() for page in pages)
            assert ("8 号" in shown or "201" in _said(shown)) == sees, name
            assert ("新街路" in _said(shown)) == sees, f"{name}: a street leads there as well"
            assert (self.ADDRESS in pages[0].content.decode()) == sees, name
        assert town.browser("zhouping", proved=False).post(address).status_code == 303
        found = town.browser("wangxm").post("/disputes", {"q": "新街路"}).content.decode()
        assert one.row.number not in found, "a word that finds it would tell where"
        assert one.row.number in town.browser("zhouping").post("/disputes", {"q": "新街路"}).content.decode()

    def test_no_paper_opens_for_who_is_not_on_the_case(self, town: Town) -> None:
        one = case(town).settled()
        paper = commands.issue_paper(one.mediator, one.row.pk, "agreement")  # type: ignore[arg-type]
        hidden(one)
        works_for(town, "wangxm", "mediation")
        where = f"/disputes/{one.row.pk}/paper/{paper.pk}"
        assert town.browser("zhouping").get(where).status_code == 200
        assert town.browser("wangxm").get(where).status_code == 404

    def test_landlord_volunteer_guard_and_officers_of_elsewhere_reach_none_of_it(self, town: Town) -> None:
        one = hidden(case(town).begun())
        flagged(one)
        party = one.party()
        for role in Role:
            if role in (Role.COMMANDER, Role.DISPATCHER, Role.MEDIATOR, Role.SYSTEM, Role.PUBLIC):
                continue
            actor = town.newcomer(role)
            name = next(name for name, account in town.accounts.items() if account.pk == actor.account_id)
            browser = town.browser(name)
            for answer in (
                browser.get(f"/disputes/{one.row.pk}"),
                browser.post(f"/disputes/{one.row.pk}/party/{party.pk}"),
                browser.post(f"/disputes/{one.row.pk}/flag/words"),
                browser.get("/disputes/flags"),
            ):
                assert answer.status_code in (403, 404), (role, answer.request["PATH_INFO"], answer.status_code)
            for deed in (
                lambda actor=actor: commands.protect_parties(actor, one.row.pk, steps=["rooms"]),
                lambda actor=actor: commands.raise_flag(
                    actor, one.row.pk, reasons=["threat"], words="x", steps=["rooms"]
                ),
                lambda actor=actor: commands.end_protection(actor, one.row.pk, Protection.objects.first().pk),  # type: ignore[union-attr]
            ):
                with pytest.raises((NotFound, Forbidden)):
                    deed()

    def test_it_outlives_the_flag_and_ends_by_a_persons_word(self, town: Town) -> None:
        one = hidden(case(town).begun())
        flagged(one)
        commands.lower_flag(town.commander, one.row.pk, reason="没事了")
        assert one.now.address_hidden
        works_for(town, "wangxm", "mediation")
        step = Protection.objects.get(step="address")
        commands.end_protection(one.mediator, one.row.pk, step.pk)
        assert not one.now.address_hidden
        assert (
            self.ADDRESS
            in town.browser("wangxm").post(f"/disputes/{one.row.pk}/party/{one.party().pk}").content.decode()
        )


class TestPages:
    def test_raised_and_read_by_buttons_and_told_to_a_party_after_review_without_reasons(self, town: Town) -> None:
        one = case(town).begun()
        mediator, commander, party = town.browser("zhouping"), town.browser("hanli"), town.browser()
        code = tracking.code_of(one.row.number, one.party().pk)
        party.post("/dispute", {"number": one.row.number, "code": code})
        sent = {"reasons": ["threat"], "words": SAID, "steps": ["rooms", "officer"]}
        refused = mediator.post(f"/disputes/{one.row.pk}/flag", sent | {"steps": []})
        assert refused.status_code == 422 and SAID in refused.content.decode()
        assert mediator.post(f"/disputes/{one.row.pk}/flag", sent).status_code == 302
        assert "安全提示" not in party.get(f"/dispute/{one.row.number}").content.decode()
        page = commander.get("/disputes/flags").content.decode()
        assert one.row.number in page and "扬言伤人" in page and "甘" not in page
        assert SAID not in page and SAID not in commander.get(f"/disputes/{one.row.pk}").content.decode()
        assert SAID in commander.post(f"/disputes/{one.row.pk}/flag/words").content.decode()
        assert town.browser("hanli", proved=False).post(f"/disputes/{one.row.pk}/flag/words").status_code == 303
        assert commander.post(f"/disputes/{one.row.pk}/review", {"reason": ""}).status_code == 302
        told = party.get(f"/dispute/{one.row.number}").content.decode()
        told = told.split("安全提示")[1].split("</section>")[0]
        assert "到期" in told and "扬言" not in told and SAID not in told and "周平" not in told


# --- what TRUST forbids, looked for in tables, statements and source; each search is shown a plant it must find ---


def scoring(tables: Iterable[type[models.Model]]) -> list[str]:
    """Columns by which these tables would weigh or rank somebody, or hang a mark on a party."""
    plain = ("id", "version", "renewals")
    numbers = (models.IntegerField, models.FloatField, models.DecimalField)
    found = []
    for table in tables:
        for column in table._meta.concrete_fields:
            weighs = isinstance(column, numbers) and not column.name.endswith("_id") and column.name not in plain
            marks = column.related_model is Party and table is not Protection
            if weighs or marks:
                found.append(f"{table.__name__}.{column.name}")
    return found


def test_no_column_scores_a_person_or_marks_a_party() -> None:
    class Plant(models.Model):
        danger = models.IntegerField()
        party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "planted"
            managed = False

    assert scoring([Flag, PleaseLook, Protection, Call]) == []
    assert scoring([Plant]) == ["Plant.danger", "Plant.party"]
    leads = {field.name for field in Party._meta.concrete_fields if field.is_relation}
    assert leads == {"dispute", "speaks_for"}, "a party leads to its own dispute and to nothing else"


_JOINING = ("digests", "look_up", "look_up_named", "look_up_end", "named_place", "SealedRecord")


def joining(sources: dict[str, str]) -> list[str]:
    """Where source reaches for what would find a human's other records."""
    found = []
    for name, text in sources.items():
        for node in ast.walk(ast.parse(text)):
            word = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            found += [f"{name}: {word}"] if word in _JOINING else []
    return found


def test_nothing_in_the_room_goes_from_a_party_to_another_dispute(town: Town) -> None:
    files = {str(file): file.read_text() for file in Path(SOURCE / "disputes").rglob("*.py")}
    assert joining(files) == []
    assert joining({"plant": "rows = SealedRecord.objects.filter(digests__overlap=mine.digests)"})
    one, same = case(town, facts=THREAT).begun(), case(town, facts=THREAT, sides=(APPLICANT, RESPONDENT)).begun()
    flagged(same)
    commands.note_call(same.mediator, same.row.pk)
    with CaptureQueriesContext(connection) as asked:
        page = town.browser("zhouping").get(f"/disputes/{one.row.pk}").content.decode()
    assert same.row.number not in page and "提示待复核" not in page
    mine = {party.pk for party in one.row.parties.all()}
    theirs = {party.pk for party in same.row.parties.all()} - mine
    by_party = [one["sql"] for one in asked if "disputes_party" in one["sql"]]
    assert by_party and not [sql for sql in by_party if any(f" {pk}" in sql.split("WHERE")[-1] for pk in theirs)]
