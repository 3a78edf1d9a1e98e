"""T-LEAK: a canary in every field of words, then every table, page, export, event, job, log line and error page is searched.

A canary may stand only in columns the registry declares personal; sealed ones stand nowhere in clear. Pages show them to those
who hold the matter and to nobody else; files, the wall, headers, logs and the database's own log show them to nobody.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client, override_settings
from django.urls import path

from jiean.config import urls
from jiean.config.database import connect
from jiean.config.embedded import OWNER, Embedded
from jiean.dispatch import commands as dispatch
from jiean.disputes import commands as disputes
from jiean.disputes import tracking as own_tracking
from jiean.disputes.models import CallBack, Dispute, Leg, PaperKind, Precedent, Signature
from jiean.intake import commands, tracking
from jiean.intake.commands import Contact
from jiean.intake.models import Outcome, Referral, Report
from jiean.kernel import clocks, registry
from jiean.kernel.actor import PERSONAL_ROLES, Role
from jiean.kernel.http import public_door
from jiean.kernel.logs import QuietFormatter
from jiean.law.commands import keep_lesson
from jiean.law.models import Article, Statute
from jiean.people.commands import hand_over
from jiean.people.models import Duty
from jiean.vault.commands import break_glass, review_glass
from jiean.vault.models import Glass, MatterKind
from tests.dispatch.post import Post, open_post
from tests.disputes.scenes import APPLICANT, RESPONDENT, case, terms
from tests.intake.scenes import PUBLIC, body, picture, reported
from tests.town import MARKET_AT, Town, proved
from tests.trust.test_routes import Station, _browser_of, doors, entered

pytestmark = pytest.mark.trust
MARK = "Kanari731"
SEALED = {"name": f"{MARK}name", "phone": "13973173173"}
NOBODY = re.compile(f"{SEALED['name']}|{SEALED['phone']}")
ANY = re.compile(f"{MARK}|{SEALED['phone']}")
OPENED = re.compile(r" /disputes/<int:dispute_id>/(party|talk|paper)/")
"""Addresses where who may read a dispute opens what is sealed in it."""
HOLDERS = frozenset({Role.COMMANDER, Role.DISPATCHER})
NO_WORDS = {
    "intake.report": {"lon", "lat", "hexagon", "advice"},  # numbers; advice holds words of the rules' own lists
    "intake.photo": {"name"},  # a name made by chance
    "dispatch.incident": {"lon", "lat", "h3"},
    "dispatch.positiontrack": {"lon", "lat", "heading"},
    "people.absence": {"reason"},  # a choice
    "disputes.profile": {"home_province"},  # a choice
    "disputes.mediatordraft": {"plan"},  # gone with its import
    "people.staffdraft": {"plan"},  # gone with its import; people's import tests
    "people.account": {"password"},  # stored as a hash
    "people.sitting": {"network", "session_data"},  # where from, and what Django signs; nobody types it
    "disputes.flag": {"reasons"},  # choices
    "vault.matterkey": {"wrapped"},
    "vault.wordmarks": {"marks"},  # keyed digests
    "vault.sealedrecord": {"masked", "nonce", "ciphertext", "digests"},
}
"""Personal columns that cannot hold a canary in clear."""


def mark(name: str) -> str:
    return f"{MARK}{name}"


@pytest.fixture
def seeded(town: Town) -> Station:
    """Every deed that keeps words of people, done once with a canary."""
    post = open_post(town)
    contact = Contact(SEALED["name"], SEALED["phone"])
    told = reported(mark("text"), MARKET_AT, place_words=mark("place"), contact=contact)
    code = tracking.code_of(told.number)
    commands.add_supplement(PUBLIC, told.pk, text=mark("supplement"), code=code)
    commands.ask_rights(PUBLIC, told.pk, kind="correct", about="text", words=mark("right"), code=code)
    asked = commands.ask_rights(PUBLIC, told.pk, kind="object", about="photos", words=mark("objection"), code=code)
    commands.refuse_rights(town.dispatcher, asked.pk, ground="law", answer=mark("refusal"))
    _second_report(town)
    commands.hold_report(
        town.commander, told.pk, ground="court", reason=mark("hold"), review_at=clocks.now() + dt.timedelta(days=7)
    )
    _broken_glass(town, told)
    _lesson(town)
    dispatch.close_road(town.dispatcher, reason="other", hours=1, named="路", street="路", words=mark("closed"))
    _dispute(town)
    _taught(town)
    accepted = commands.accept_as_incident(town.dispatcher, told.pk)
    incident = _handled(town, post, accepted)
    handed = Duty.objects.filter(account=town.accounts["liwei"], until__isnull=True).first()
    assert handed is not None
    hand_over(town.commander, handed.pk, town.accounts["wangxm"].pk, note=mark("duty"))
    made = Station(town, post, incident, told)
    for role in PERSONAL_ROLES:
        made.browsers[role] = _browser_of(town, town.newcomer(role, name=f"生人{role.value}"))
    made.browsers[Role.PUBLIC] = town.browser()
    quarrel = Dispute.objects.get(facts=mark("quarrel"))
    made.ids = {"dispute_id": quarrel.pk} | {
        name: rows.values_list("pk", flat=True)[0]
        for name, rows in (("party_id", quarrel.parties), ("talk_id", quarrel.talks), ("paper_id", quarrel.papers),
                           ("meeting_id", quarrel.appointments), ("precedent_id", Precedent.objects))
    }  # fmt: skip
    return made


def _broken_glass(town: Town, told: Report) -> None:
    """A matter opened in an emergency by somebody who does not hold it, and reviewed."""
    rescuer = proved(town.school_officer)
    broken = break_glass(rescuer, MatterKind.REPORT, told.number, reason=f"{mark('glass')}，人快不行了", danger=True)
    review_glass(town.newcomer(Role.AUDITOR), broken.pk, verdict=Glass.Verdict.RIGHT, words=mark("review"))


def _lesson(town: Town) -> None:
    """A question somebody of the desk called answered by an article."""
    law = Statute.objects.create(name="试行办法", category="法律", known_on=clocks.local_day(clocks.now()))
    article = Article.objects.create(statute=law, place=1, number="第一条", text="试行。")
    keep_lesson(town.dispatcher, article.pk, mark("question"))


def _dispute(town: Town) -> None:
    """One that a desk refused, another took, that was settled, and asked after."""
    side = replace(APPLICANT, name=SEALED["name"], phone=SEALED["phone"])
    one = case(town, facts=mark("quarrel"), place_words=mark("yard"), sides=(side, RESPONDENT))
    leg = disputes.divert_dispute(town.dispatcher, one.row.pk, body("labour").pk, reason=mark("sent"))
    disputes.answer_leg(town.dispatcher, leg.pk, state=Leg.State.REFUSED, reply=mark("returned"))
    one.begun()
    slot = disputes.Slot(clocks.now() + dt.timedelta(days=3), 60, place_words=mark("appointed"))
    disputes.plan_meeting(one.mediator, one.row.pk, slot)
    disputes.record_talk(
        one.mediator, one.row.pk, at=clocks.now(), note_words=SEALED["name"], place_words=mark("table")
    )
    due_on = clocks.local_day(clocks.now()) + dt.timedelta(days=3)
    joined = disputes.ask_body(one.mediator, one.row.pk, body("justice").pk, task=mark("task"), due_on=due_on)
    helper = replace(one.mediator, organisation_id=body("justice").pk)
    disputes.answer_joining(helper, joined.pk, joins=True, reply=mark("helping"))
    disputes.give_opinion(helper, joined.pk, opinion=mark("opinion"))
    words = {name: mark(name) for name in ("facts", "liability", "terms", "performance")}
    disputes.settle_dispute(one.mediator, one.row.pk, terms(**words))
    paper = disputes.issue_paper(one.mediator, one.row.pk, PaperKind.AGREEMENT)
    disputes.sign_paper(one.mediator, paper.pk, picture(), manner=Signature.Manner.DRAWN, place_words=mark("signed"))
    disputes.call_back(one.mediator, one.row.pk, kept=CallBack.Kept.WHOLE, words=mark("called"))
    party = one.party()
    code = own_tracking.code_of(one.row.number, party.pk)
    disputes.rate_own(PUBLIC, party.pk, satisfied=False, words=mark("rated"), code=code)
    friend = town.newcomer(Role.MEDIATOR)
    told = disputes.register_dispute(friend, kind=one.row.kind, facts=mark("tie"))  # type: ignore[arg-type]
    disputes.stand_back(friend, told.pk, reason=mark("stood"))


def _taught(town: Town) -> None:
    """A closed dispute told as a precedent that whoever checked it sent back."""
    one = case(town).closed()
    words = {"facts": mark("case"), "worked": mark("worked"), "terms_words": mark("agreed")}
    row = disputes.write_precedent(one.mediator, one.row.pk, **words)
    disputes.return_precedent(town.commander, row.pk, reason=mark("recognised"))


def _second_report(town: Town) -> None:
    """One that goes to another body, comes back, is answered and rated."""
    other = reported(mark("other"), MARKET_AT)
    sent = commands.refer_report(town.dispatcher, other.pk, body().pk, reason=mark("reason"))
    commands.answer_referral(town.dispatcher, sent.pk, state=Referral.State.REFUSED, reply=mark("reply"))
    commands.answer_report(town.dispatcher, other.pk, outcome=Outcome.EXPLAINED, answer=mark("answer"))
    commands.rate_report(PUBLIC, other.pk, satisfied=False, words=mark("rating"), code=tracking.code_of(other.number))


def _handled(town: Town, post: Post, report: Report) -> Any:
    """An incident with a note, an order declined for a reason, and a result."""
    incident_id = report.incident_id
    assert incident_id is not None
    dispatch.note_incident(town.dispatcher, incident_id, words=mark("note"))
    order = dispatch.assign_unit(town.dispatcher, incident_id, post.units["P-01"].pk)
    dispatch.decline_assignment(post.crew("P-01"), order.pk, reason=mark("declined"))
    last = post.incident(summary=mark("summary"), place_words=mark("corner"))
    dispatch.assign_unit(town.dispatcher, last.pk, post.units["P-02"].pk)
    dispatch.clear_incident(town.dispatcher, last.pk, disposition="warned", outcome=mark("outcome"))
    return apps.get_model("dispatch.incident").objects.get(pk=incident_id)


def stored() -> Iterator[tuple[str, str, str]]:
    """Table, column and text of every value in the database that holds a canary."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name NOT LIKE 'dispatch_positiontrack_%' ORDER BY 1, 2"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}"::text ~ %s', [ANY.pattern])
            yield from ((table, column, value) for (value,) in cursor.fetchall())


def misplaced(found: Iterable[tuple[str, str, str]]) -> set[str]:
    """Where a canary stands and may not: columns declared public or work, and any column for a sealed one."""
    columns = {(one.model._meta.db_table, one.column): registry.held(one) for one in registry.columns()}
    wrong = set()
    for table, column, value in found:
        held = columns.get((table, column))
        if held is None or not held.is_personal or NOBODY.search(value):
            wrong.add(f"{table}.{column}")
    return wrong


@pytest.mark.django_db
def test_canaries_stand_in_every_personal_column_and_in_no_other(seeded: Station) -> None:
    found = list(stored())
    assert misplaced(found) == set()
    standing = {(table, column) for table, column, _value in found}
    empty = [
        f"{label}.{name}"
        for label in registry.registry()
        if label != "kernel.record" and apps.get_model(label).__module__.startswith("jiean.")
        for name in registry.personal(label)
        if name not in NO_WORDS.get(label, ()) and (apps.get_model(label)._meta.db_table, name) not in standing
    ]
    assert empty == [], "a personal column no canary was put into proves nothing"


@pytest.mark.django_db
def test_a_canary_in_an_event_the_audit_or_a_job_is_found(seeded: Station) -> None:
    """The plant: the same search, with leaks in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_event (name, subject_id, account_ids, data) VALUES ('x', 1, '[]', %s)",
            [f'{{"words": "{mark("event")}"}}'],
        )
        cursor.execute(
            "INSERT INTO kernel_auditentry (at, action, outcome, role, device, subject_kind, purpose, details)"
            " VALUES (now(), 'x', 'done', 'DSP', '', '', '', %s)",
            [f'{{"phone": "{SEALED["phone"]}"}}'],
        )
        cursor.execute("UPDATE intake_supplement SET text = %s", [SEALED["name"]])
    assert misplaced(stored()) == {"kernel_event.data", "kernel_auditentry.details", "intake_supplement.text"}


def _bodies(station: Station, roles: Iterable[Role]) -> Iterator[tuple[str, Any, str]]:
    """Role and address, answer and body of every page and operation, driven as each role."""
    for role in roles:
        for method, address, _listed in doors():
            if method == "GET" or role != Role.PUBLIC:
                answer = entered(station, method, station.filled(address), role)
                whole = b"".join(answer) if answer.streaming else answer.content
                yield f"{role.value} {method} {address}", answer, whole.decode(errors="ignore")


@pytest.mark.django_db
def test_no_page_shows_a_stranger_a_canary_and_no_header_or_log_shows_anybody(
    seeded: Station, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown, in_headers = [], []
    for where, answer, text in _bodies(seeded, seeded.browsers):
        role = Role(where.split()[0])
        allowed = role in HOLDERS and not re.search(r"wall|export", where)
        allowed |= role == Role.AUDITOR and "/rights" in where
        if role == Role.AUDITOR and re.search("/glass.*review", where):  # what it judges, nothing of the matter
            text = text.replace(mark("glass"), "").replace(mark("review"), "")
        opens = role == Role.COMMANDER and OPENED.search(where)  # with a second factor just shown, and written down
        if (NOBODY.search(text) and not opens) or (ANY.search(text) and not allowed):
            shown.append(where)
        if ANY.search(str(answer.headers)) or ANY.search(str(answer.cookies)):
            in_headers.append(where)
    assert shown == []
    assert in_headers == []
    assert [line for line in caplog.messages if ANY.search(line)] == []
    assert misplaced(stored()) == set(), "nor did looking at them write one down somewhere"


@pytest.mark.django_db
def test_the_holders_do_see_them(seeded: Station) -> None:
    """The plant's other half."""
    seen = {where for where, _answer, text in _bodies(seeded, [Role.DISPATCHER]) if ANY.search(text)}
    assert {"DSP GET /desk", "DSP GET /desk/<int:report_id>", "DSP GET /rights"} <= seen


@pytest.mark.django_db
def test_no_text_index_holds_words_of_people(town: Town) -> None:
    """Search indexes over words would be a second copy of them."""
    wrong = []
    for one in registry.columns():
        held = registry.held(one)
        if held is None or not held.is_personal or not isinstance(one, models.CharField | models.TextField):
            continue
        if not one.model.__module__.startswith("jiean."):
            continue
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, one.model._meta.db_table)
        wrong += [name for name, about in found.items() if about["index"] and one.column in about["columns"]]
    assert [name for name in wrong if "photo" not in name] == [], "a photo's name is made by chance"


@public_door
def breaks(request: Any) -> Any:
    """A page with a defect that quotes what it was working on."""
    raise ValueError(f"cannot read {mark('fault')}, {SEALED['phone']}")


class _Broken:
    """The station's addresses and one that breaks."""

    urlpatterns = [*urls.urlpatterns, path("breaks", breaks)]
    handler404 = urls.handler404


def _line(formatter: logging.Formatter, caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(formatter.format(record) for record in caplog.records if record.exc_info)


@pytest.mark.django_db
def test_an_error_page_and_its_log_line_quote_nobody(caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(ROOT_URLCONF=_Broken):
        answer = Client(raise_request_exception=False).get("/breaks")
    assert answer.status_code == 500 and not ANY.search(answer.content.decode())
    ours, plain = _line(QuietFormatter("{message}", style="{"), caplog), ""
    for record in caplog.records:
        record.exc_text = None
    plain = _line(logging.Formatter("{message}", style="{"), caplog)
    assert "ValueError" in ours and "breaks" in ours and not ANY.search(ours)
    assert ANY.search(plain), "the plant: the formatter everybody uses would have quoted it"


def test_chained_errors_and_arguments_are_quiet_too() -> None:
    try:
        try:
            raise KeyError(mark("inner"))
        except KeyError as inner:
            raise RuntimeError(mark("outer")) from inner
    except RuntimeError as error:
        words = QuietFormatter().formatException((RuntimeError, error, error.__traceback__))
    assert "KeyError" in words and "RuntimeError" in words and not ANY.search(words)


def test_the_station_logs_with_the_quiet_formatter() -> None:
    from django.conf import settings  # noqa: PLC0415

    assert settings.LOGGING["formatters"]["line"]["()"] == "jiean.kernel.logs.QuietFormatter"
    assert {handler["formatter"] for handler in settings.LOGGING["handlers"].values()} == {"line"}


@pytest.fixture(scope="module")
def own_server() -> Iterator[Embedded]:
    """A server of its own, so that its log is this test's alone; in a folder that the server's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="jiean-leaks-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        server = Embedded(home, durable=False)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _refused_row(server: Embedded, *before: str) -> str:
    """What the server's log says after a row with a canary was refused by a constraint."""
    seen = Path(server.log).stat().st_size
    with connect(server.url(OWNER)) as db:
        db.execute("CREATE TABLE IF NOT EXISTS told (words text CHECK (length(words) < 3) NOT NULL UNIQUE)")
        for statement in before:
            db.execute(statement)  # type: ignore[call-overload]
        for statement in (f"INSERT INTO told VALUES ('{mark('row')}')", "INSERT INTO told VALUES (%s)"):
            given = [mark("row")] if "%s" in statement else None
            with pytest.raises(psycopg.errors.CheckViolation):
                db.execute(statement, given)  # type: ignore[call-overload]
    return Path(server.log).read_text(encoding="utf-8", errors="replace")[seen:]


@pytest.mark.process
def test_the_databases_own_log_quotes_no_row(own_server: Embedded) -> None:
    told = _refused_row(own_server)
    assert "violates check constraint" in told and not ANY.search(told)


@pytest.mark.process
def test_a_server_that_tells_details_would_quote_it(own_server: Embedded) -> None:
    """The plant: the server's own default."""
    assert ANY.search(_refused_row(own_server, "SET log_error_verbosity = 'default'"))
