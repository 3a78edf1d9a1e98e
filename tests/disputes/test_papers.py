"""Papers: numbers without gaps, editions that stay, signatures, the check of a printed one, and what is refused."""

from __future__ import annotations

import base64
import datetime as dt
import io
import threading
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import translation
from docx import Document

from jiean.disputes import commands, papers, tracking
from jiean.disputes.commands import Side
from jiean.disputes.models import Dispute, Paper, PaperKind, PaperSeries, Party, Signature
from jiean.disputes.queries import checked_paper, papers_of, token_of
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.errors import IllegalMove, Invalid, NotFound, ProveYourself, Refusal
from jiean.kernel.models import AuditEntry
from jiean.vault.commands import open_record
from jiean.vault.models import MatterKind, Purpose, SealedRecord
from tests.disputes.scenes import Case, case, terms
from tests.intake.scenes import picture
from tests.town import Town, proved

pytestmark = pytest.mark.django_db

WHO = "甘泉生"
NOTES = "双方说明情况，穆晚晴同意赔偿"


def issue(one: Case, kind: str, **given: Any) -> Paper:
    return commands.issue_paper(one.mediator, one.row.pk, PaperKind(kind), **given)


def sealed(one: Case, paper: Paper) -> papers.Content:
    opened = open_record(
        one.mediator,
        paper.content_id or 0,
        purpose=Purpose.DISPUTE,
        matter_kind=MatterKind.DISPUTE,
        matter_id=one.row.pk,
    )
    return papers.read_words(opened["note"])


class TestNumbers:
    def test_each_kind_counts_from_one_without_a_gap(self, town: Town) -> None:
        rows = [case(town).settled() for _n in range(3)]
        made = [issue(one, "agreement") for one in rows]
        assert [one.serial for one in made] == [1, 2, 3]
        assert issue(rows[0], "acceptance").serial == 1, "another series"

    def test_a_paper_that_was_not_kept_gives_its_number_back(self, town: Town) -> None:
        first, second = case(town).settled(), case(town).settled()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            issue(first, "agreement")
            raise ZeroDivisionError
        assert issue(second, "agreement").serial == 1

    def test_what_changed_is_a_new_edition_and_the_old_one_stays(self, town: Town) -> None:
        one = case(town).closed()
        first = issue(one, "agreement")
        assert issue(one, "agreement").pk == first.pk, "the same again is the old one"
        commands.reopen_dispute(town.commander, one.row.pk, reason="双方要求改条款")
        commands.assign_mediator(town.dispatcher, one.row.pk, one.mediator.account_id or 0)
        commands.begin_mediation(one.mediator, one.row.pk, agreed=True)
        commands.settle_dispute(one.mediator, one.row.pk, terms(terms="楼上分两次赔楼下八千元"))
        second = issue(one, "agreement")
        assert (second.serial, second.edition) == (first.serial, 2)
        assert (sealed(one, first)["terms"], sealed(one, second)["terms"]) == (
            "楼上赔楼下八千元",
            "楼上分两次赔楼下八千元",
        )
        assert [line.newest for line in papers_of(one.row)] == [False, True]
        assert checked_paper(token_of(first)).newest == 2


@pytest.mark.django_db(transaction=True)
def test_two_desks_that_issue_at_once_take_two_numbers(town: Town) -> None:
    rows, taken = [case(town).settled() for _n in range(4)], []

    def run(one: Case) -> None:
        taken.append(issue(one, "agreement").serial)
        connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in rows]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(taken) == [1, 2, 3, 4]
    assert PaperSeries.objects.get(kind="agreement").last == 4


class TestContent:
    def test_an_agreement_says_what_the_law_asks_for_and_no_telephone_or_address(self, town: Town) -> None:
        one = case(town).settled()
        content = sealed(one, issue(one, "agreement"))
        said = papers.kept_words(content)
        for word in (WHO, "穆晚晴", "楼上装修不当", "转账一次付清", "楼上赔楼下八千元"):
            assert word in said
        assert "13911112222" not in said and "新街路" not in said

    def test_nothing_personal_lies_open_in_the_tables(self, town: Town) -> None:
        one = case(town).settled()
        paper = issue(one, "agreement")
        commands.sign_paper(one.mediator, paper.pk, picture("PNG", (300, 100)), manner=Signature.Manner.DRAWN)
        with connection.cursor() as cursor:
            for table in ("disputes_paper", "disputes_signature"):
                cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
                assert WHO not in cursor.fetchone()[0]

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_every_kind_is_printed_in_both_languages(self, town: Town, language: str) -> None:
        one = case(town).begun()
        commands.record_talk(one.mediator, one.row.pk, at=clocks.now(), note_words=NOTES, place_words="调解室")
        talk = one.row.talks.get()
        made = [
            issue(one, "application", request="请求赔偿"),
            issue(one, "acceptance"),
            issue(one, "record", talk_id=talk.pk),
        ]
        commands.settle_dispute(one.mediator, one.row.pk, terms())
        commands.call_back(one.mediator, one.row.pk, kept="whole", satisfied=True)  # type: ignore[arg-type]
        made += [issue(one, kind) for kind in ("agreement", "confirm", "call_back", "cover", "index")]
        with translation.override(language):
            for paper in made:
                sheet = papers.sheet_of(
                    sealed(one, paper),
                    number=paper.number,
                    edition=paper.edition,
                    issued=clocks.local_day(paper.issued_at),
                )
                pdf = papers.as_pdf(sheet, address="https://x.example/paper/1", digest=paper.digest, signed={})
                assert pdf.startswith(b"%PDF-"), paper.kind
                said = [one.text for one in Document(io.BytesIO(papers.as_docx(sheet))).paragraphs]
                lists = sum(bool(block.items) for block in sheet.blocks)
                assert sum(words.startswith("1. ") for words in said) >= lists, "each list counts from one"

    def test_a_sign_from_a_telephone_is_printed_with_a_font_of_our_own(self, town: Town) -> None:
        """What was sent may be the agreement somebody shows; a box in its place would say nothing."""
        for facts, printed in (("他回了一个👍🏻，后来又说不认", True), ("他回了一句好的，后来又说不认", False)):
            one = case(town, facts=facts).accepted()
            paper = issue(one, "application", request="请求赔偿")
            sheet = papers.sheet_of(sealed(one, paper), number="1", edition=1, issued=clocks.local_day(clocks.now()))
            pdf = papers.as_pdf(sheet, address="https://x.example", digest=paper.digest, signed={})
            assert (b"NotoEmoji" in pdf) is printed

    def test_words_are_never_taken_for_markup(self, town: Town) -> None:
        one = case(town, facts='#panic("x") $x$ @a <b> *c* `d` \\ // e').accepted()
        paper = issue(one, "application", request='#read("/etc/passwd")')
        sheet = papers.sheet_of(sealed(one, paper), number="1", edition=1, issued=clocks.local_day(clocks.now()))
        assert papers.as_pdf(sheet, address="https://x.example", digest=paper.digest, signed={}).startswith(b"%PDF-")

    def test_an_oral_agreement_and_a_failure_have_their_own(self, town: Town) -> None:
        oral, failed = case(town).begun(), case(town).begun()
        commands.settle_dispute(oral.mediator, oral.row.pk, terms(oral=True))
        commands.fail_dispute(failed.mediator, failed.row.pk, reason="谈不拢")
        assert issue(oral, "oral").serial == issue(failed, "failure").serial == 1
        for one, kind in ((oral, "agreement"), (failed, "oral"), (failed, "confirm"), (oral, "failure")):
            with pytest.raises(IllegalMove):
                issue(one, kind)


class TestRefused:
    @pytest.mark.parametrize(
        ("kind", "given", "refusal"),
        [
            ("agreement", {}, IllegalMove), ("application", {}, Invalid), ("application", {"request": "长" * 2001}, Invalid),
            ("record", {}, Invalid), ("record", {"talk_id": 10**9}, Invalid), ("call_back", {}, IllegalMove),
            ("cover", {}, IllegalMove), ("index", {}, IllegalMove),
        ],
    )  # fmt: skip
    def test_too_early_or_incomplete(
        self, town: Town, kind: str, given: dict[str, Any], refusal: type[Refusal]
    ) -> None:
        with pytest.raises(refusal):
            issue(case(town).begun(), kind, **given)
        assert not Paper.objects.exists() and not PaperSeries.objects.exists()

    def test_notes_go_on_paper_only_after_a_second_factor(self, town: Town) -> None:
        one = case(town).begun()
        commands.record_talk(one.mediator, one.row.pk, at=clocks.now(), note_words=NOTES)
        unproved = replace(one.mediator, proved_at=None)
        with pytest.raises(ProveYourself):
            commands.issue_paper(unproved, one.row.pk, PaperKind.RECORD, talk_id=one.row.talks.get().pk)

    def test_a_stranger_and_the_dispatcher_issue_nothing(self, town: Town) -> None:
        one = case(town).settled()
        for actor in (town.dispatcher, town.actor("wangxm"), Actor.public()):
            with pytest.raises(NotFound):
                commands.issue_paper(actor, one.row.pk, PaperKind.AGREEMENT)


class TestSignatures:
    def test_a_party_and_the_mediator_sign_once_each(self, town: Town) -> None:
        one = case(town).settled()
        paper = issue(one, "agreement")
        party = one.party()
        drawn = {"manner": Signature.Manner.DRAWN}
        kept = commands.sign_paper(
            one.mediator, paper.pk, picture("PNG", (300, 100)), party_id=party.pk, place_words="调解室", **drawn
        )
        commands.sign_paper(one.mediator, paper.pk, picture("PNG", (300, 100)), **drawn)
        assert (kept.party_id, kept.before_id, kept.account_id) == (party.pk, one.mediator.account_id, None)
        with pytest.raises(IllegalMove):
            commands.sign_paper(one.mediator, paper.pk, picture("PNG", (300, 100)), party_id=party.pk, **drawn)
        assert papers_of(one.row)[0].signed == 2

    def test_who_left_or_came_later_signs_nothing(self, town: Town) -> None:
        one = case(town).begun()
        paper = issue(one, "application", request="请求赔偿")
        for standing, leaves in ((Party.Standing.THIRD, True), (Party.Standing.APPLICANT, False)):
            other = commands.add_side(one.mediator, one.row.pk, Side(standing, name="后来的人"))
            if leaves:
                commands.drop_side(one.mediator, other.pk)
            with pytest.raises(Invalid):
                commands.sign_paper(one.mediator, paper.pk, picture(), manner=Signature.Manner.DRAWN, party_id=other.pk)

    def test_what_is_taken_up_again_binds_nobody_until_there_is_a_new_agreement(self, town: Town) -> None:
        one = case(town).closed()
        paper = issue(one, "agreement")
        commands.reopen_dispute(town.commander, one.row.pk, reason="反悔")
        with pytest.raises(IllegalMove):
            commands.sign_paper(
                one.mediator, paper.pk, picture(), manner=Signature.Manner.DRAWN, party_id=one.party().pk
            )

    @pytest.mark.parametrize("bad", [b"", b"%PDF-1.7 three hundred pages", b"PK\x03\x04 zip", b"\x89PNG\r\n\x1a\n cut"])
    def test_what_is_no_picture_is_refused(self, town: Town, bad: bytes) -> None:
        one = case(town).settled()
        paper = issue(one, "agreement")
        with pytest.raises(Invalid):
            commands.sign_paper(one.mediator, paper.pk, bad, manner=Signature.Manner.PHOTO, party_id=one.party().pk)
        assert not Signature.objects.exists()


class TestPages:
    def test_issue_open_sign_and_take_away(self, town: Town) -> None:
        one, browser = case(town).settled(), town.browser("zhouping")
        one.row.refresh_from_db()
        given = {"version": one.row.version, "kind": "agreement"}
        assert browser.post(f"/disputes/{one.row.pk}/paper", given).status_code == 302
        paper = Paper.objects.get()
        address = f"/disputes/{one.row.pk}/paper/{paper.pk}"
        assert address in browser.get(f"/disputes/{one.row.pk}").content.decode()
        page = browser.get(address).content.decode()
        assert WHO in page and "人民调解协议书" in page
        drawn = "data:image/png;base64," + base64.b64encode(picture("PNG", (300, 100))).decode()
        assert browser.post(f"{address}/sign", {"party_id": one.party().pk, "drawn": drawn}).status_code == 302
        assert "在屏幕上签名" in browser.get(address).content.decode()
        for form, mark in (("pdf", b"%PDF-"), ("docx", b"PK")):
            answer = browser.get(f"{address}.{form}")
            assert answer.content.startswith(mark) and "attachment" in answer["Content-Disposition"]
        assert browser.get(f"{address}.exe").status_code == 404
        looks = AuditEntry.objects.filter(action="vault.opened", subject_id=one.row.pk).count()
        assert looks >= 4, "every opening is in the audit"

    def test_a_refused_signature_comes_back_beside_its_place(self, town: Town) -> None:
        one, browser = case(town).settled(), town.browser("zhouping")
        paper = issue(one, "agreement")
        answer = browser.post(f"/disputes/{one.row.pk}/paper/{paper.pk}/sign", {"party_id": one.party().pk})
        assert answer.status_code == 422 and "请在框里签名" in answer.content.decode()

    def test_a_party_takes_its_agreement_and_no_notes(self, town: Town, client: Client) -> None:
        one = case(town).begun()
        commands.record_talk(one.mediator, one.row.pk, at=clocks.now(), note_words=NOTES)
        record = issue(one, "record", talk_id=one.row.talks.get().pk)
        commands.settle_dispute(one.mediator, one.row.pk, terms())
        agreement, number = issue(one, "agreement"), one.row.number
        client.post("/dispute", {"number": number, "code": tracking.code_of(number, one.party().pk)})
        page = client.get(f"/dispute/{number}").content.decode()
        assert f"/dispute/{number}/paper/{agreement.pk}" in page and f"/paper/{record.pk}" not in page
        assert client.get(f"/dispute/{number}/paper/{agreement.pk}").content.startswith(b"%PDF-")
        assert client.get(f"/dispute/{number}/paper/{record.pk}").status_code == 404
        assert Client().get(f"/dispute/{number}/paper/{agreement.pk}").status_code == 404, "another browser"

    def test_a_printed_code_is_checked_without_names(self, town: Town, client: Client) -> None:
        one = case(town).settled()
        paper = issue(one, "agreement")
        page = client.get(f"/paper/{token_of(paper)}").content.decode()
        assert paper.digest[:16].upper() in page and WHO not in page and one.row.number not in page
        for wrong in ("0" * 32, paper.digest[:31], paper.digest[:8] + "%" * 24):
            assert client.get(f"/paper/{wrong}").status_code == 404

    def test_what_was_sealed_cannot_be_changed_unseen(self, town: Town) -> None:
        one = case(town).settled()
        paper = issue(one, "agreement")
        Paper.objects.filter(pk=paper.pk).update(edition=2)  # the printed number no longer fits the digest
        page = town.browser("zhouping").get(f"/disputes/{one.row.pk}/paper/{paper.pk}").content.decode()
        assert "校验不一致" in page


def test_erasure_takes_the_papers_words_and_leaves_their_numbers(town: Town) -> None:
    one = case(town).closed()
    paper = issue(one, "agreement")
    commands.sign_paper(
        one.mediator, paper.pk, picture("PNG", (300, 100)), manner=Signature.Manner.DRAWN, place_words="调解室"
    )
    Dispute.objects.filter(pk=one.row.pk).update(updated_at=clocks.now() - dt.timedelta(days=4 * 366))
    assert commands.forget_disputes(Actor.system()) == 1
    left, signed = Paper.objects.get(), Signature.objects.get()
    assert (left.content_id, left.serial, signed.picture_id, signed.place_words) == (None, 1, None, "")
    assert not papers_of(one.row) and not SealedRecord.objects.filter(matter_kind="dispute", matter_id=one.row.pk)
    with pytest.raises(IllegalMove):
        commands.issue_paper(proved(town.commander), one.row.pk, PaperKind.AGREEMENT)
