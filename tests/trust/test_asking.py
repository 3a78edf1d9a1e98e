"""What asking may not do: change something by reading, set what was not asked, say a value twice, pass one proof for another."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from jiean.disputes.pages import proof as of_disputes
from jiean.intake import tracking
from jiean.intake.models import Report
from jiean.intake.pages import proof as of_reports
from jiean.kernel.actor import Role
from jiean.people.models import Account
from tests.intake.scenes import reported
from tests.town import Town
from tests.trust.test_routes import Station, doors
from tests.trust.test_routes import station as station

pytestmark = [pytest.mark.trust, pytest.mark.django_db]
KEPT_OF_READING = ("kernel_audit", "people_sitting", "vault_lookup", "kernel_wrongguesses", "dispatch_advice")
"""What may be written by reading: that somebody did, and what the machine then proposed."""


def digests() -> dict[str, str]:
    """Every table's rows as one digest."""
    made = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        for (table,) in cursor.fetchall():
            if not table.startswith(KEPT_OF_READING):
                cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
                made[table] = cursor.fetchone()[0]
    return made


def changed(station: Station, roles: tuple[Role, ...]) -> set[str]:
    before = digests()
    for method, path, _listed in doors():
        if method == "GET":
            for role in roles:
                station.browsers[role].get(station.filled(path))
    after = digests()
    return {table for table in after if after[table] != before.get(table)}


def test_reading_changes_nothing(station: Station) -> None:
    assert changed(station, (Role.DISPATCHER, Role.ADMIN)) == set()


def test_a_page_that_changes_something_is_named(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plant."""
    get = Client.get

    def meddles(self: Client, path: str, *args: Any, **kwargs: Any) -> Any:
        Report.objects.update(place_words="x")
        return get(self, path, *args, **kwargs)

    monkeypatch.setattr(Client, "get", meddles)
    assert changed(station, (Role.ADMIN,)) == {"intake_report"}


def test_what_a_form_does_not_ask_is_not_set(town: Town) -> None:
    office, account = town.browser("shenqing"), town.accounts["wangxm"]
    more = {"is_active": "", "username": "root", "active_role": "ADM", "password": "x", "id": "1", "is_superuser": "1"}
    given = {"name": "王晓明", "phone": "123456", "version": account.version} | more
    assert office.post(f"/staff/{account.pk}/correct", given).status_code == 302
    kept = Account.objects.get(pk=account.pk)
    assert (kept.name, kept.username, kept.is_active, kept.active_role, kept.password) == (
        "王晓明", "wangxm", True, account.active_role, account.password)  # fmt: skip
    sent = {
        "text": "路灯坏了",
        "place_words": "三号楼",
        "state": "closed",
        "number": "B00-1",
        "urgency": 1,
        "channel": "desk_phone",
    }
    town.browser().post("/api/v1/reports", sent, content_type="application/json")
    report = Report.objects.get()
    assert (report.state, report.channel) == (Report.State.NEW, "api") and report.number != "B00-1"


def test_a_value_said_twice_counts_where_it_is_asked_for(town: Town) -> None:
    mine = town.browser("wangxm")
    mine.post("/role?role=CMD", {"role": ["CMD", "OFC"]})
    assert mine.session["role"] == "OFC"
    public = town.browser()
    public.post("/report?text=from-the-address", {"text": ["one", "two"], "place_words": "三号楼", "key": "k"})
    assert Report.objects.get().text == "two"


def test_a_proof_for_one_thing_is_none_for_another(town: Town) -> None:
    report = reported()
    mine, other = town.browser(), town.browser()
    mine.get(f"/track/{report.number}?code={tracking.code_of(report.number)}")
    proof = mine.cookies[of_reports.COOKIE].value
    assert mine.get(f"/track/{report.number}").status_code == 200
    other.cookies[of_disputes.COOKIE] = proof
    assert other.get(f"/track/{report.number}").status_code == 404
    other.cookies[of_reports.COOKIE] = proof[:-1] + ("A" if proof[-1] != "A" else "B")
    assert other.get(f"/track/{report.number}").status_code == 404
