"""Precedents: told without their people, released by a second person, found by likeness, counted without a trail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from django.test import Client

from jiean.disputes import commands, queries
from jiean.disputes.models import Dispute, Precedent
from jiean.disputes.queries.precedents import statistics
from jiean.kernel.actor import Role
from jiean.kernel.errors import IllegalMove, Invalid, NotFound
from jiean.kernel.models import AuditEntry
from tests.disputes.scenes import APPLICANT, Case, case
from tests.town import SYSTEM, Town, proved

pytestmark = pytest.mark.django_db
WATER = "楼上卫生间漏水，楼下天花板起泡，谈不拢赔多少"
WAGES = "工地停工，三个月工资没有结，老板电话不接"
WORKED = "先一起到现场看漏点，再请物业估价，分开谈两次"


def written(one: Case, **more: Any) -> Precedent:
    given: dict[str, Any] = {"facts": WATER, "worked": WORKED, "terms_words": "楼上修好并赔八千元"}
    return commands.write_precedent(one.mediator, one.row.pk, **given | more)


def released(town: Town, **more: Any) -> Precedent:
    return commands.release_precedent(town.commander, written(case(town).closed(), **more).pk)


def test_a_second_person_releases_it_and_the_table_holds_that(town: Town) -> None:
    one = case(town).closed()
    row = written(one)
    with pytest.raises(NotFound):
        commands.release_precedent(one.mediator, row.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Precedent.objects.filter(pk=row.pk).update(state="RELEASED", checked_by_id=row.written_by_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Precedent.objects.filter(pk=row.pk).update(state="RELEASED")
    assert queries.similar(one.mediator, WATER) == [], "nobody finds what is not released"
    commands.release_precedent(town.commander, row.pk)
    assert [found.pk for found in queries.similar(one.mediator, WATER)] == [row.pk]
    with pytest.raises(IllegalMove):
        written(one)


def test_only_a_closed_dispute_of_the_own_desk_teaches(town: Town) -> None:
    settled, closed = case(town).settled(), case(town).closed()
    with pytest.raises(IllegalMove):
        written(settled)
    stranger = proved(town.newcomer(Role.MEDIATOR))
    with pytest.raises(NotFound):
        commands.write_precedent(stranger, closed.row.pk, facts=WATER, worked=WORKED)


def test_the_proposal_names_nobody_and_a_name_or_a_number_typed_is_refused(town: Town) -> None:
    facts = f"{APPLICANT.name}家（新街路8号201，电话13911112222）被楼上泡了"
    one = case(town, facts=facts).closed()
    told = queries.precedent_proposal(one.mediator, one.row.pk)
    assert APPLICANT.name not in told.facts and "申请人" in told.facts
    assert "13911112222" not in told.facts and "8号201" not in told.facts
    for wrong in (APPLICANT.name, "电话13911112222", "住新街路8号201室"):
        with pytest.raises(Invalid) as refused:
            written(one, worked=f"{WORKED}，{wrong}")
        assert "worked" in str(refused.value.__dict__)
    assert not Precedent.objects.exists()


def test_likeness_kind_and_use_order_what_is_found_and_withdrawn_ones_go_at_once(town: Town) -> None:
    water, wages = released(town), released(town, facts=WAGES, worked="请劳动监察核工资单", terms_words="")
    other = released(town)
    mediator = water.written_by_id and case(town).mediator
    assert mediator
    assert queries.similar(mediator, WAGES)[0].pk == wages.pk
    for _time in range(8):
        commands.count_opening(SYSTEM, other.pk)
    assert queries.similar(mediator, WATER)[0].pk == other.pk
    commands.withdraw_precedent(town.commander, other.pk, reason="有人认出来了")
    assert other.pk not in [one.pk for one in queries.similar(mediator, WATER)]
    other.refresh_from_db()
    assert (other.facts, other.worked, other.state) == ("", "", "WITHDRAWN")


def test_openings_are_counted_and_nobodys_name_stands_beside_them(town: Town) -> None:
    row = released(town)
    browser, before = town.browser("zhouping"), AuditEntry.objects.count()
    who = {town.accounts["zhouping"].pk}
    for _time in range(2):
        assert WATER in browser.get(f"/disputes/precedents/{row.pk}").content.decode()
    row.refresh_from_db()
    assert row.opened == 2
    trail = AuditEntry.objects.order_by("pk")[before:]
    assert not [one for one in trail if one.account_id in who], "which mediator opened it is kept nowhere"
    columns = {field.name for field in Precedent._meta.concrete_fields}
    assert not columns & {"opened_by_id", "openers", "last_opened_by_id"}


def test_figures_only_from_five(town: Town) -> None:
    rows = [released(town) for _number in range(4)]
    mediator = case(town).mediator
    assert statistics(mediator, rows[0].kind) is None
    released(town)
    found = statistics(mediator, rows[0].kind)
    assert found is not None and (found.number, found.settled) == (5, 5)


def _posts(browser: Client, address: str, **given: str) -> int:
    return browser.post(address, given).status_code


def test_written_checked_and_shown_beside_a_new_dispute_by_buttons(town: Town) -> None:
    one = case(town).closed()
    mediator, commander = town.browser("zhouping"), town.browser("hanli")
    assert "编成案例" in mediator.get(f"/disputes/{one.row.pk}").content.decode()
    address = f"/disputes/{one.row.pk}/precedent"
    assert "天花板" in mediator.get(address).content.decode()
    given = {"facts": WATER, "worked": WORKED, "terms_words": ""}
    assert _posts(mediator, address, **given | {"worked": ""}) == 422
    assert _posts(mediator, address, **given) == 302
    row = Precedent.objects.get()
    assert mediator.post(f"/disputes/precedents/{row.pk}/release").status_code == 404
    assert f"/disputes/precedents/{row.pk}" in commander.get("/disputes/precedents").content.decode()
    assert _posts(commander, f"/disputes/precedents/{row.pk}/return", reason="") == 422
    assert commander.post(f"/disputes/precedents/{row.pk}/release").status_code == 302
    new = case(town).begun()
    page = mediator.get(f"/disputes/{new.row.pk}").content.decode()
    assert f'hx-get="/disputes/{new.row.pk}/beside"' in page
    assert WORKED in mediator.get(f"/disputes/{new.row.pk}/beside").content.decode()
    assert WORKED in mediator.post("/disputes/precedents", {"q": "漏水"}).content.decode()
    stranger = town.newcomer(Role.OFFICER)
    name = next(name for name, account in town.accounts.items() if account.pk == stranger.account_id)
    assert town.browser(name).get(f"/disputes/{new.row.pk}/beside").status_code == 404
    guard = replace(town.mediator, role=Role.GUARD)
    assert queries.similar(guard, WATER) == [] and Dispute.objects.count() == 2
