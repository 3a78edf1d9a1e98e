"""T-PURPOSE, first half: sensitive looks ask for a fresh second factor and a purpose, by one rule; taking a report never does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from jiean.dispatch.commands import cancel_incident
from jiean.dispatch.queries import BoardFilter, export_rows, incident_detail, incident_opened
from jiean.intake import commands
from jiean.intake.models import Photo, Report
from jiean.intake.queries import (
    Filter,
    exported,
    open_of_caller,
    photo,
    queue,
    report_detail,
    reports_telling,
)
from jiean.kernel import access, clocks
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import NotFound, ProveYourself
from jiean.kernel.http import own_path
from jiean.kernel.models import AuditEntry
from jiean.kernel.pictures import redraw
from jiean.people.commands import give_role, issue_password, take_role
from jiean.vault.commands import drop_record, look_up_end, open_record
from jiean.vault.models import Kind as Standing
from jiean.vault.models import MatterKind, Purpose
from tests.dispatch.post import open_post
from tests.intake.scenes import picture, studied, with_contact
from tests.town import Town
from tests.trust.factors import secret_of

pytestmark = pytest.mark.trust
PLACE = "intake.report_read"


def bare(actor: Actor) -> Actor:
    """The same person with only a password shown."""
    return replace(actor, proved_at=None, purpose="")


def opened(actor: Actor, report: Report, purpose: Purpose = Purpose.DISPATCH) -> dict[str, str]:
    assert report.contact_id is not None
    return open_record(actor, report.contact_id, purpose=purpose, matter_kind=MatterKind.REPORT, matter_id=report.pk)


def finished(town: Town) -> Report:
    """A report answered and closed."""
    return over(town, studied("三楼的水管又漏了", photos=[redraw(picture())]))


def over(town: Town, report: Report) -> Report:
    commands.answer_report(town.dispatcher, report.pk, outcome="EXPLAINED", answer="修好了")
    return commands.close_report(town.dispatcher, report.pk)


def looks(town: Town) -> dict[str, Callable[[Actor], Any]]:
    """Every sensitive look there is, as the desk takes it; a new one belongs here."""
    report, shut = over(town, with_contact()), finished(town)
    incident = open_post(town).incident()
    cancel_incident(town.dispatcher, incident.pk, reason="重复")
    return {
        "a sealed contact": lambda actor: opened(actor, report),
        "a finished report": lambda actor: report_detail(actor, shut.pk),
        "a picture of it": lambda actor: photo(actor, shut.pk, Photo.objects.get().pk),
        "a closed incident": lambda actor: incident_opened(actor, incident.pk),
        "a file of reports": lambda actor: list(exported(actor, Filter())),
        "a file of incidents": lambda actor: list(export_rows(actor, BoardFilter())),
        "a look-up": lambda actor: open_of_caller(actor, "13800001234"),
        "a look-up by the end": lambda actor: look_up_end(actor, MatterKind.REPORT, Standing.REPORTER, "1234"),
        "a record dropped": lambda actor: drop_record(actor, report.contact_id or 0),
    }


def let_through(looks: dict[str, Callable[[Actor], Any]], actor: Actor) -> list[str]:
    """The looks that did not ask the actor to prove anything."""
    passed = []
    for name, look in looks.items():
        try:
            look(actor)
        except ProveYourself:
            continue
        except NotFound:
            pass
        passed.append(name)
    return passed


def test_every_sensitive_look_asks_for_a_fresh_factor(town: Town) -> None:
    sensitive, dispatcher = looks(town), town.dispatcher
    at = clocks.now()
    for age in (None, dt.timedelta(minutes=5, seconds=1), dt.timedelta(minutes=-1)):
        late = replace(dispatcher, proved_at=at - age if age is not None else None)
        assert not let_through(sensitive, late), age
    assert let_through(sensitive, replace(dispatcher, proved_at=at - dt.timedelta(minutes=4))) == list(sensitive)


def test_a_look_that_forgets_to_ask_is_named(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plant: a rule that always says yes is found by the test above, look by look."""
    sensitive = looks(town)
    monkeypatch.setattr(access, "PROOF_LASTS", dt.timedelta(days=36500))
    old = replace(town.dispatcher, proved_at=clocks.now() - dt.timedelta(hours=9))
    assert "a sealed contact" in let_through(sensitive, old) and "a file of reports" in let_through(sensitive, old)


def test_a_purpose_of_the_roles_own_list_is_kept_in_the_audit(town: Town) -> None:
    shut = finished(town)
    for purpose in ("", "audit", "curiosity"):
        with pytest.raises(ProveYourself):
            report_detail(replace(town.dispatcher, purpose=purpose), shut.pk)
    report_detail(replace(town.dispatcher, purpose="emergency"), shut.pk)
    assert AuditEntry.objects.filter(action=PLACE, subject_id=shut.pk).latest("id").purpose == "emergency"
    list(exported(replace(town.dispatcher, purpose="dispatch"), Filter()))
    assert AuditEntry.objects.get(action="intake.exported").purpose == "dispatch"


def test_the_refusal_is_in_the_audit_and_tells_a_stranger_nothing(town: Town) -> None:
    report, live = over(town, with_contact()), with_contact()
    with pytest.raises(ProveYourself):
        opened(bare(town.dispatcher), report)
    for told in (report, live):
        with pytest.raises(NotFound):
            opened(bare(town.school_officer), told)
    with pytest.raises(NotFound):
        open_record(
            bare(town.dispatcher), 10**6, purpose=Purpose.DISPATCH, matter_kind=MatterKind.REPORT, matter_id=report.pk
        )
    refused = AuditEntry.objects.filter(action="vault.open_record", outcome="refused").order_by("id")
    assert [entry.details["refused"] for entry in refused] == ["step_up", "not_found", "not_found", "not_found"]


def test_whoever_works_on_a_matter_rings_the_caller_without_delay(town: Town) -> None:
    """TRUST, section 5: what is live asks no second factor of those who hold it, only a purpose; the look is in the audit."""
    live = with_contact()
    assert opened(bare(town.dispatcher), live)["phone"] == "13800001234"
    assert AuditEntry.objects.get(action="vault.opened").purpose == "dispatch"
    with pytest.raises(ProveYourself):
        opened(bare(town.dispatcher), over(town, live))


def test_lists_withhold_the_words_of_what_is_over(town: Town) -> None:
    shut = finished(town)
    incident = open_post(town).incident(summary="水管漏水吵架")
    cancel_incident(town.dispatcher, incident.pk, reason="重复")
    chosen = Filter(states=("CLOSED",))
    for actor, shown in ((bare(town.dispatcher), False), (town.dispatcher, True)):
        row = next(row for row in queue(actor, chosen).rows if row.id == shut.pk)
        assert bool(row.text) is shown
        assert bool(next(one for one in reports_telling(actor, "水管") if one.id == shut.pk).parts) is shown
        assert bool(incident_detail(actor, incident.pk).row.summary) is shown


def test_roles_are_changed_only_by_somebody_just_proved(town: Town) -> None:
    admin, pk = town.admin, town.accounts["wangxm"].pk
    for deed in (
        lambda who: give_role(who, pk, Role.MEDIATOR),
        lambda who: take_role(who, pk, Role.OFFICER),
        lambda who: issue_password(who, pk),
    ):
        with pytest.raises(ProveYourself):
            deed(bare(admin))
        assert deed(admin)


def test_nobody_is_kept_from_taking_a_report(town: Town) -> None:
    desk = town.browser("chenxiao", proved=False)
    for phone in ("13800001234", ""):
        caller = desk.post("/desk/caller", {"phone": phone}, headers={"hx-request": "true"})
        assert caller.status_code == 200 and "/prove" in caller.content.decode()
    given = {
        "text": "有人晕倒了",
        "place_words": "市场东门",
        "channel": "desk_phone",
        "key": "k",
        "phone": "13800001234",
    }
    assert desk.post("/desk/new", given).status_code == 302
    report = Report.objects.get()
    assert desk.get(f"/desk/{report.pk}").status_code == 200
    assert desk.post(f"/desk/{report.pk}/accept", {"kind": "other", "urgency": 1, "version": 1}).status_code in (
        302,
        422,
    )


def asked(client: Client, url: str) -> str:
    """Where an address sends somebody who has proved nothing."""
    answer = client.get(url)
    assert answer.status_code == 303
    return str(answer["Location"])


def test_the_way_leads_to_the_page_and_back(town: Town, code: Callable[[str], str]) -> None:
    shut, secret = finished(town), secret_of(town.accounts["chenxiao"])
    desk = town.browser("chenxiao", proved=False)
    page = f"/desk/{shut.pk}?from=queue"
    way = asked(desk, page)
    assert way == f"/prove?next=/desk/{shut.pk}%3Ffrom%3Dqueue"
    shown = desk.get(way).content.decode()
    assert "紧急救助" in shown and 'name="code"' in shown and "检查整改" not in shown
    given = {"next": page, "purpose": "dispatch"}
    assert desk.post("/prove", given | {"code": "000000"}).status_code == 422
    assert desk.post("/prove", given | {"purpose": "audit", "code": code(secret)}).status_code == 422
    assert asked(desk, page)
    proved = desk.post("/prove", given | {"code": code(secret)})
    assert (proved.status_code, proved["Location"]) == (302, page)
    assert desk.get(page).status_code == 200
    again = town.browser("chenxiao", proved=False)
    assert again.post("/prove", given | {"code": code(secret)}).status_code == 422, "a code counts once"


def test_a_password_alone_is_no_second_factor(town: Town) -> None:
    shut = finished(town)
    desk = town.browser("chenxiao", proved=False)
    session = desk.session
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session["account_authentication_methods"] = [
        {"method": "password", "at": clocks.now().timestamp(), "reauthenticated": True}
    ]
    session.save()
    way = asked(desk, f"/desk/{shut.pk}")
    assert "还没有第二种验证方式" in desk.get(way).content.decode()
    assert desk.post("/prove", {"next": "/desk", "purpose": "dispatch"}).status_code == 422
    assert asked(desk, f"/desk/{shut.pk}")


def test_anothers_proof_and_an_old_purpose_do_not_count(town: Town) -> None:
    shut = finished(town)
    desk = town.browser("chenxiao")
    assert desk.get(f"/desk/{shut.pk}").status_code == 200
    kept = desk.session
    stolen = dict(kept.items())
    kept["account_authentication_methods_user"] = str(town.accounts["hanli"].pk)
    kept.save()
    assert asked(desk, f"/desk/{shut.pk}")
    for name in ("account_authentication_methods_user", "account_authentication_methods"):
        kept[name] = stolen[name]
    kept["purpose"] = ["dispatch", clocks.now().timestamp() - 301]
    kept.save()
    assert asked(desk, f"/desk/{shut.pk}")


def test_a_passkey_leads_through_its_own_page(town: Town) -> None:
    Authenticator.objects.create(
        user=town.accounts["chenxiao"], type="webauthn", data={"name": "手机", "credential": {}}
    )
    desk = town.browser("chenxiao", proved=False)
    assert 'name="code"' not in desk.get("/prove").content.decode()
    led = desk.post("/prove", {"next": "/desk/1", "purpose": "dispatch", "key": "1"})
    assert led["Location"] == "/accounts/2fa/webauthn/reauthenticate/?next=/desk/1"


def test_a_fragment_and_the_api_say_it_in_their_own_way(town: Town) -> None:
    report = over(town, with_contact())
    desk = town.browser("chenxiao", proved=False)
    part = desk.post(
        f"/desk/{report.pk}/contact",
        {"purpose": "dispatch"},
        headers={"hx-request": "true", "hx-current-url": f"http://testserver/desk/{report.pk}"},
    )
    assert part.status_code == 403 and f"/prove?next=/desk/{report.pk}" in part.content.decode()
    sent = desk.post(
        f"/desk/{report.pk}/contact",
        {"purpose": "dispatch"},
        headers={"referer": f"http://testserver/desk/{report.pk}"},
    )
    assert sent["Location"] == f"/prove?next=/desk/{report.pk}"
    problem = desk.get("/api/v1/incidents/export")
    assert (problem.status_code, problem.json()["code"]) == (403, "step_up")


@pytest.mark.parametrize(
    "url", ["//evil.example/x", "https://evil.example", "javascript:alert(1)", "/\\evil.example", "http:///x", "", "x"]
)
def test_the_way_back_never_leads_away(url: str, rf: Any) -> None:
    assert own_path(rf.get("/prove"), url) == "/"


def test_four_digits_lead_to_the_page_that_asks(town: Town) -> None:
    with_contact()
    desk = town.browser("chenxiao", proved=False)
    shown = desk.post("/q", {"q": "1234"}, follow=True).content.decode()
    assert "/prove?next=/q" in shown and "138****1234" not in shown
    assert not AuditEntry.objects.filter(action="vault.looked_up").exists()
