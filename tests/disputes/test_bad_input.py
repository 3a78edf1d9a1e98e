"""Bad input at the table: two hands at once, a party that leaves meanwhile, a file of 300 pages, a guardian who has gone.

The other kinds stand beside what they test: no terms, a day that has passed, a minor without a guardian (``test_life_cycle``), a mediator
who stood back, a duty that has ended (``test_mediators``).
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from jiean.disputes import commands, tracking
from jiean.disputes.commands import Side
from jiean.disputes.models import Agreement, PaperKind, Party, Signature
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Conflict, IllegalMove, Invalid
from jiean.kernel.models import Deadline
from jiean.kernel.pictures import BYTES_LIMIT
from tests.disputes.scenes import APPLICANT, RESPONDENT, Case, case, terms
from tests.town import Town


def settles(one: Case) -> object:
    return commands.settle_dispute(one.mediator, one.row.pk, terms())


def leaves(one: Case) -> object:
    party = one.party(Party.Standing.RESPONDENT)
    code = tracking.code_of(one.row.number, party.pk)
    return commands.withdraw_own(Actor.public(), party.pk, reason="不谈了", code=code)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("deeds", [(settles, settles), (settles, leaves)], ids=["two settle", "one leaves"])
def test_of_two_who_end_it_at_the_same_moment_one_is_refused(
    town: Town, deeds: tuple[Callable[[Case], object]]
) -> None:
    one, together, refused = case(town).begun(), threading.Barrier(2), list[type]()

    def run(deed: Callable[[Case], object]) -> None:
        together.wait()
        try:
            deed(one)
        except (Conflict, IllegalMove) as refusal:
            refused.append(type(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(refused) == 1 and one.now.outcome in ("settled", "withdrawn")
    assert Agreement.objects.count() == (one.row.outcome == "settled"), "no agreement of a dispute that was withdrawn"
    running = [clock.code for clock in clocks.deadlines_of(one.row) if clock.state == Deadline.State.RUNNING]
    assert ("disputes.perform" in running) == (one.row.outcome == "settled")


@pytest.mark.django_db
def test_a_guardian_who_has_gone_is_missed_at_the_agreement(town: Town) -> None:
    one = case(town, sides=(replace(APPLICANT, is_minor=True), RESPONDENT)).accepted()
    guardian = commands.add_side(
        one.mediator, one.row.pk, Side(Party.Standing.GUARDIAN, name="甘母"), speaks_for_id=one.party().pk
    )
    commands.begin_mediation(one.mediator, one.row.pk, agreed=True)
    commands.drop_side(one.mediator, guardian.pk)
    with pytest.raises(Invalid) as missed:
        settles(one)
    assert "监护人" in str(missed.value.fields["parties"]) and not Agreement.objects.exists()


@pytest.mark.django_db
def test_a_file_of_300_pages_is_no_signature(town: Town) -> None:
    one, browser = case(town).settled(), town.browser("zhouping")
    paper = commands.issue_paper(one.mediator, one.row.pk, PaperKind.AGREEMENT)
    scanned, page = io.BytesIO(), Image.new("1", (20, 20))
    page.save(scanned, "PDF", save_all=True, append_images=[page] * 299)
    for content in (scanned.getvalue(), b"\xff\xd8\xff" + bytes(BYTES_LIMIT)):
        file = SimpleUploadedFile("scan.jpg", content, "image/jpeg")
        address = f"/disputes/{one.row.pk}/paper/{paper.pk}/sign"
        answer = browser.post(address, {"party_id": one.party().pk, "picture": file})
        said = answer.content.decode()
        assert answer.status_code == 422 and ("JPG、PNG" in said or "10 MB" in said)
    assert not Signature.objects.exists()
