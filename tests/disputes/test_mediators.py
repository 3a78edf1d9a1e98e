"""The register of mediators, whom it proposes, who stands back or is refused, and what parties wish for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jiean.disputes import commands, tracking
from jiean.disputes.access import Can
from jiean.disputes.advice import rank_mediators
from jiean.disputes.commands import About
from jiean.disputes.imports import COLUMNS, EXAMPLE
from jiean.disputes.models import Certificate, Dispute, MediatorDraft, Party, Profile, Recusal
from jiean.disputes.queries import mediator_register, story_of
from jiean.kernel import clocks
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Forbidden, Invalid, NotFound
from jiean.kernel.models import AuditEntry
from jiean.kernel.sheets import xlsx_bytes
from jiean.people.models import Absence, RoleHolding
from jiean.vault.models import SealedRecord
from tests.disputes.scenes import Case, case
from tests.town import SYSTEM, Town

pytestmark = pytest.mark.django_db


def today(days: int = 0) -> dt.date:
    return clocks.local_day(clocks.now()) + dt.timedelta(days=days)


def another(town: Town, name: str = "川妹", **about: Any) -> Actor:
    """One more mediator, in the register."""
    actor = town.newcomer(Role.MEDIATOR, name=name)
    commands.keep_mediator(SYSTEM, actor.account_id or 0, About(**about))
    return actor


def taken(town: Town) -> Case:
    """A dispute its desk has taken, nobody named yet."""
    one = case(town)
    commands.answer_leg(town.dispatcher, one.sent().pk, state="ACCEPTED")  # type: ignore[arg-type]
    return one


def why(one: Case, actor: Actor) -> str:
    return next(
        line.why_not for line in rank_mediators(one.now, story_of(one.row)) if line.account_id == actor.account_id
    )


def refusal(town: Town, one: Case, actor: Actor) -> str:
    """What the command says when somebody is appointed who must not be."""
    with pytest.raises(Invalid) as caught:
        commands.assign_mediator(town.dispatcher, one.row.pk, actor.account_id or 0)
    return str(caught.value.fields["account_id"])


class TestRegister:
    def test_only_the_commander_writes_it(self, town: Town) -> None:
        mediator = town.mediator.account_id or 0
        with pytest.raises(Forbidden):
            commands.keep_mediator(town.dispatcher, mediator, About())
        made = commands.keep_mediator(town.commander, mediator, About(dialects=["sichuan"], kinds=["labour"]))
        again = commands.keep_mediator(town.commander, mediator, About(dialects=["hakka"]), version=made.version)
        assert again.pk == made.pk and again.dialects == ["hakka"]
        assert [line.dialect_labels for line in mediator_register(town.dispatcher, dialect="hakka")] == [["客家话"]]

    @pytest.mark.parametrize(
        "wrong",
        [{"dialects": ["klingon"]}, {"days": [7]}, {"from_hour": 18}, {"most_cases": 0}, {"base_id": 10**9},
         {"home_province": "99"}],
    )  # fmt: skip
    def test_what_is_not_of_its_list_is_refused(self, town: Town, wrong: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            commands.keep_mediator(SYSTEM, town.mediator.account_id or 0, About(**wrong))

    def test_a_table_is_previewed_and_adopted_whole(self, town: Town) -> None:
        good = (
            "zhouping",
            "人民调解员",
            "四川话",
            "四川",
            "劳动争议",
            "调解员证 2030-01-31",
            "一三五",
            "5",
            "P-001",
            "2029-12-31",
        )
        bad = (*EXAMPLE[:2], "火星话", *EXAMPLE[3:8], "HP-404", "2029-13-31")
        boss = town.browser("hanli")

        def brought(*rows: tuple[str, ...]) -> Any:
            file = SimpleUploadedFile("mediators.xlsx", xlsx_bytes("调解员", COLUMNS, rows))
            return boss.get(boss.post("/disputes/mediators/import", {"file": file}).url).content.decode()

        page = brought(good, bad)
        for words in ("火星话", "HP-404", "2029-13-31", "没有用户名“tiaojie”的账号"):
            assert words in page, words
        assert 'value="adopt"' not in page and not Profile.objects.exists()
        assert "没有错误" in brought(good)
        draft = MediatorDraft.objects.latest("pk")
        boss.post(f"/disputes/mediators/import/{draft.pk}", {"version": draft.version, "deed": "adopt"})
        made = Profile.objects.get()
        assert (made.account_id, made.days, made.base) == (town.accounts["zhouping"].pk, [0, 2, 4], town.market)
        assert Certificate.objects.get().expires_on == dt.date(2030, 1, 31)
        assert town.browser("zhouping").get(f"/disputes/mediators/import/{draft.pk}").status_code == 403


class TestRanking:
    def test_the_trade_and_the_way_decide_and_the_want_of_the_trade_is_said(self, town: Town) -> None:
        one = taken(town)
        fit = another(town, kinds=["neighbours"])
        commands.keep_certificate(SYSTEM, fit.account_id or 0, name="调解员证", expires_on=today(90))
        strange = another(town, name="外行", kinds=["labour"])
        ranked = rank_mediators(one.now, story_of(one.row))
        assert ranked[0].account_id == fit.account_id and "专长对口" in ranked[0].reasons
        last = next(line for line in ranked if line.account_id == strange.account_id)
        assert not last.barred and {"不是专长", "没有登记证书"} <= set(last.reasons)
        commands.assign_mediator(town.dispatcher, one.row.pk, strange.account_id or 0)
        assert one.now.mediator_id == strange.account_id, "advice: a person may choose otherwise"

    def test_who_cannot_stands_last_and_why_is_said(self, town: Town) -> None:
        one = taken(town)
        lapsed = another(town, name="过期", appointed_until=today(-1))
        struck = another(town, name="离册", active=False)
        away = another(town, name="休假")
        now = clocks.now()
        Absence.objects.create(account_id=away.account_id, since=now - dt.timedelta(1), until=now + dt.timedelta(1))
        full = another(town, name="满了", most_cases=1)
        other = taken(town)
        commands.assign_mediator(town.dispatcher, other.row.pk, full.account_id or 0)
        assert [why(one, who) for who in (lapsed, struck, away, full)] == ["聘期已过", "已不在册", "请假中", "在办已满"]
        for who in (lapsed, struck):
            with pytest.raises(Invalid):
                commands.assign_mediator(town.dispatcher, one.row.pk, who.account_id or 0)
        commands.assign_mediator(town.dispatcher, one.row.pk, full.account_id or 0)

    def test_an_expired_role_is_not_listed_and_not_taken(self, town: Town) -> None:
        one = taken(town)
        gone = another(town, name="期满")
        ended = clocks.now() - dt.timedelta(minutes=1)
        RoleHolding.objects.filter(account_id=gone.account_id).update(since=ended - dt.timedelta(days=1), until=ended)
        assert gone.account_id not in [line.account_id for line in rank_mediators(one.now, story_of(one.row))]
        with pytest.raises(Invalid):
            commands.assign_mediator(town.dispatcher, one.row.pk, gone.account_id or 0)

    def test_the_page_shows_it_and_the_list_offers_only_who_may(self, town: Town) -> None:
        one = taken(town)
        fit, lapsed = another(town, kinds=["neighbours"]), another(town, name="过期", appointed_until=today(-1))
        page = town.browser("chenxiao").get(f"/disputes/{one.row.pk}").content.decode()
        assert "专长对口" in page and "聘期已过" in page
        assert f'<option value="{fit.account_id}"' in page and f'<option value="{lapsed.account_id}"' not in page


class TestStandingBack:
    def test_who_stands_back_loses_the_case_and_the_file(self, town: Town) -> None:
        one = case(town).begun()
        commands.stand_back(one.mediator, one.row.pk, reason="对方是我表哥")
        assert one.now.mediator_id is None
        for can in (Can.SEE, Can.READ, Can.ARRANGE):
            assert not visible(can, one.mediator, Dispute).filter(pk=one.row.pk).exists(), can
        assert "回避" in refusal(town, one, one.mediator)
        assert why(one, one.mediator) == "本人回避"

    def test_it_says_nothing_of_another_dispute(self, town: Town) -> None:
        one, other = case(town).accepted(), taken(town)
        commands.stand_back(one.mediator, one.row.pk, reason="亲戚")
        commands.assign_mediator(town.dispatcher, other.row.pk, one.mediator.account_id or 0)
        assert Recusal.objects.count() == 1 and why(other, one.mediator) == ""

    def test_every_refusal_of_a_party_stands_not_the_last_alone(self, town: Town) -> None:
        one, second = case(town).accepted(), another(town)
        party = one.party()
        code = tracking.code_of(one.row.number, party.pk)
        commands.refuse_mediator(Actor.public(), party.pk, reason="不熟悉", code=code)
        commands.assign_mediator(town.dispatcher, one.row.pk, second.account_id or 0)
        commands.object_mediator(town.dispatcher, one.row.pk, party.pk, reason="说是邻居")
        for who in (one.mediator, second):
            assert "不同意" in refusal(town, one, who)

    def test_a_stranger_cannot_stand_back(self, town: Town) -> None:
        with pytest.raises(NotFound):
            commands.stand_back(town.school_officer, case(town).accepted().row.pk, reason="路过")


class TestTeams:
    def test_a_team_sits_sees_and_leaves(self, town: Town) -> None:
        one = case(town).accepted()
        officer, other = town.market_officer, another(town)
        ids = [(officer.account_id or 0, "officer"), (other.account_id or 0, "counsellor")]
        with pytest.raises(Invalid):
            commands.keep_team(SYSTEM, name="一个人的团队", members=ids[:1])
        team = commands.keep_team(town.commander, name="市场联调组", members=ids)
        assert not visible(Can.READ, officer, Dispute).exists()
        commands.seat_team(town.dispatcher, one.row.pk, team.pk)
        assert visible(Can.READ, officer, Dispute).filter(pk=one.row.pk).exists()
        assert not visible(Can.MEDIATE, officer, Dispute).exists()
        commands.leave_seat(town.dispatcher, one.row.pk, officer.account_id or 0)
        assert not visible(Can.READ, officer, Dispute).exists()
        commands.stand_back(other, one.row.pk, reason="亲戚")
        assert commands.seat_team(town.dispatcher, one.row.pk, team.pk)[0].account_id == officer.account_id
        assert not visible(Can.READ, other, Dispute).exists(), "who stood back is not seated again"


class TestWishes:
    def wished(self, town: Town) -> Case:
        one = taken(town)
        party = one.party()
        code = tracking.code_of(one.row.number, party.pk)
        commands.wish_own_speech(Actor.public(), party.pk, dialect="sichuan", home="51", code=code)
        return one

    def test_a_wish_is_sealed_opened_once_and_written_down(self, town: Town) -> None:
        one, plain = self.wished(town), another(town, name="本地", kinds=["neighbours"])
        speaker = another(town, kinds=["neighbours"], dialects=["sichuan"], home_province="51")
        record = SealedRecord.objects.get(pk=one.party().speech_id)
        assert "sichuan" not in str(record.masked) and "sichuan" not in str(record.digests)
        officer = town.browser("zhouping")
        before = AuditEntry.objects.filter(action="vault.opened").count()
        page = officer.get(f"/disputes/{one.row.pk}").content.decode()
        assert "会说" not in page and AuditEntry.objects.filter(action="vault.opened").count() == before
        page = officer.post(f"/disputes/{one.row.pk}/ranked").content.decode()
        assert page.index(f'value="{speaker.account_id}"') < page.index(f'value="{plain.account_id}"')
        assert "会说 1 方希望的话" in page and AuditEntry.objects.filter(action="vault.opened").count() == before + 1
        assert town.browser("liwei").post(f"/disputes/{one.row.pk}/ranked").status_code == 404

    def test_the_desk_that_reads_no_more_opens_no_wish(self, town: Town) -> None:
        one = self.wished(town)
        assert town.browser("chenxiao").post(f"/disputes/{one.row.pk}/ranked").status_code == 403
        assert not AuditEntry.objects.filter(action="vault.opened", outcome="done").exists()

    def test_a_wish_goes_when_taken_back_when_the_party_goes_and_with_the_dispute(self, town: Town) -> None:
        one = self.wished(town)
        first = one.party().speech_id
        commands.note_speech(town.dispatcher, one.row.pk, one.party().pk, dialect="hakka")
        second = one.party().speech_id
        assert not SealedRecord.objects.filter(pk=first).exists()
        commands.drop_side(town.dispatcher, one.party().pk)
        assert not SealedRecord.objects.filter(pk=second).exists() and one.party().speech_id is None

    def test_a_party_chooses_a_name_and_the_desk_sees_it_first(self, town: Town) -> None:
        one, wanted = taken(town), another(town, name="巴山")
        another(town, name="近的", kinds=["neighbours"])
        number, browser = one.row.number, town.browser()
        browser.post("/dispute", {"number": number, "code": tracking.code_of(number, one.party().pk)})
        page = browser.get(f"/dispute/{number}").content.decode()
        listed = page.split("选一位调解员")[1].split("</form>")[0]
        assert "巴山" in listed and "在办" not in listed and "公里" not in listed, "names without numbers"
        browser.post(f"/dispute/{number}/choose", {"account_id": wanted.account_id})
        assert one.party().chosen_mediator_id == wanted.account_id
        assert browser.post(f"/dispute/{number}/choose", {"account_id": 10**9}).status_code == 422
        first = rank_mediators(one.now, story_of(one.row))[0]
        assert first.account_id == wanted.account_id and "1 方当事人选的" in first.reasons
        assert "选了巴山" in town.browser("zhouping").get(f"/disputes/{one.row.pk}").content.decode()


def test_a_guardian_is_asked_nothing(town: Town) -> None:
    """Only sides choose; who speaks for one does not choose besides."""
    one = taken(town)
    assert Party.objects.filter(dispute=one.row, standing__in=Party.SIDES).count() == 2
