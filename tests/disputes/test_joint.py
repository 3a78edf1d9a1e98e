"""Joint mediation: a lead and up to five bodies, each with a task, an opinion, a deadline; seen only while it helps."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import IntegrityError

from jiean.disputes import commands
from jiean.disputes.access import Can
from jiean.disputes.models import Dispute, JoinedBody
from jiean.disputes.queries import without_desk
from jiean.kernel import clocks
from jiean.kernel.access import visible
from jiean.kernel.errors import IllegalMove, Invalid, NotFound
from jiean.kernel.models import Deadline
from jiean.people.models import Message
from tests.disputes.scenes import FACTS, Case, body, case, works_for
from tests.town import SYSTEM, Town

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TASK = "核一核三个月的工资单"


def asked(one: Case, code: str = "labour", **more: Any) -> JoinedBody:
    due_on = clocks.local_day(clocks.now()) + 5 * DAY
    return commands.ask_body(one.mediator, one.row.pk, body(code).pk, **{"task": TASK, "due_on": due_on} | more)


def test_who_helps_sees_the_dispute_only_while_it_helps_and_never_closes_it(town: Town) -> None:
    one = case(town).begun()
    helper = works_for(town, "wangxm", "labour")

    def reach() -> list[bool]:
        """What lists, single rows and deeds say: one rule."""
        return [
            visible(can, helper, Dispute).filter(pk=one.row.pk).exists()
            for can in (Can.SEE, Can.READ, Can.MEDIATE, Can.ARRANGE)
        ]

    assert reach() == [False] * 4
    row = asked(one)
    assert reach() == [False] * 4, "asked is not joined"
    commands.answer_joining(helper, row.pk, joins=True)
    assert reach() == [True, True, False, False]
    assert one.now.desk == body("mediation") and without_desk(town.commander) == 0 and one.now.level == "joint"
    for deed in (commands.fail_dispute, commands.refer_dispute):
        with pytest.raises(NotFound):
            deed(helper, one.row.pk, reason="x", **({"way": "court"} if deed is commands.refer_dispute else {}))  # type: ignore[operator]
    commands.give_opinion(helper, row.pk, opinion="少发两千四，按双倍算")
    assert reach()[:2] == [True, True]
    commands.fail_dispute(one.mediator, one.row.pk, reason="谈不拢")
    row.refresh_from_db()
    assert (row.state, row.opinion) == ("RELEASED", "少发两千四，按双倍算")
    assert reach() == [False] * 4


def test_it_refuses_with_a_reason_and_its_clock_is_frozen(town: Town) -> None:
    one = case(town).begun()
    helper = works_for(town, "wangxm", "labour")
    row = asked(one)
    clock = Deadline.objects.get(kind="disputes.joinedbody", subject_id=row.pk)
    assert (clock.due_at, clock.amount, clock.state) == (row.due_at, 5, "running") and clock.source
    with pytest.raises(Invalid):
        commands.answer_joining(helper, row.pk, joins=False)
    commands.answer_joining(helper, row.pk, joins=False, reply="不归我们管")
    clock.refresh_from_db()
    assert clock.state == "stopped"
    with pytest.raises(IllegalMove):
        commands.give_opinion(helper, row.pk, opinion="晚了")
    asked(one)
    assert JoinedBody.objects.filter(state="ASKED").count() == 1, "a body that refused may be asked again"


def test_five_join_and_neither_the_lead_nor_one_twice(town: Town) -> None:
    one = case(town).begun()
    for code in ("labour", "justice", "housing", "market", "urban"):
        asked(one, code)
    with pytest.raises(IllegalMove):
        asked(one, "police")
    for wrong in (
        {"code": "labour"},
        {"code": "mediation"},
        {"code": "police", "due_on": clocks.local_day(clocks.now())},
    ):
        with pytest.raises((Invalid, IllegalMove)):
            asked(one, **wrong)  # type: ignore[arg-type]
    with pytest.raises(IntegrityError), transaction.atomic():
        JoinedBody.objects.filter(place=1).update(place=6)
    released = JoinedBody.objects.get(place=2)
    commands.release_body(one.mediator, one.row.pk, released.pk, reason="不用了")
    assert asked(one, "police").place == 2


def test_passing_the_dispute_on_releases_everybody(town: Town) -> None:
    one = case(town).accepted()
    row = asked(one, "justice")
    leg = one.sent("justice")
    commands.answer_leg(town.dispatcher, leg.pk, state="ACCEPTED")  # type: ignore[arg-type]
    row.refresh_from_db()
    assert row.state == "RELEASED" and one.now.desk == body("justice")


def test_who_misses_its_deadline_is_reminded_and_shown(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    one = case(town).begun()
    helper = works_for(town, "wangxm", "labour")
    row = asked(one)
    commands.answer_joining(helper, row.pk, joins=True)
    start, sent = clocks.now(), []
    for days in (1, 5, 5, 7, 7):
        monkeypatch.setattr(clocks, "now", lambda days=days: start + days * DAY)
        sent.append(commands.remind_joined(SYSTEM))
    assert sent == [0, 1, 0, 2, 0], "the body a day before; the body and the lead when it is late; each once"
    monkeypatch.undo()
    assert set(Message.objects.values_list("code", flat=True)) >= {"disputes.joint_soon", "disputes.joint_late"}
    JoinedBody.objects.update(due_at=start - DAY)
    assert "超时" in town.browser("wangxm").get(f"/disputes/joint/{row.pk}").content.decode()


def test_the_story_by_buttons_with_a_refusal(town: Town) -> None:
    one = case(town).begun()
    works_for(town, "wangxm", "labour")
    works_for(town, "liwei", "justice")
    lead, labour, justice = (town.browser(name) for name in ("zhouping", "wangxm", "liwei"))
    due = (clocks.local_day(clocks.now()) + 5 * DAY).isoformat()
    for code in ("labour", "justice"):
        sent = {"organisation_id": body(code).pk, "task": TASK, "due_on": due, "version": one.now.version}
        assert lead.post(f"/disputes/{one.row.pk}/ask-body", sent).status_code == 302
    rows = {
        row.organisation.code: f"/disputes/joint/{row.pk}" for row in JoinedBody.objects.select_related("organisation")
    }
    listed = labour.get("/disputes").content.decode()
    assert "我的协办" in listed and rows["labour"] in listed and rows["justice"] not in listed
    page = labour.get(rows["labour"]).content.decode()
    assert TASK in page and FACTS not in page, "before it signs a body reads its task and no more"
    assert justice.get(rows["labour"]).status_code == 404
    assert labour.get(f"/disputes/{one.row.pk}").status_code == 404
    assert labour.post(rows["labour"], {"joins": "yes", "reply": ""}).status_code == 302
    assert justice.post(rows["justice"], {"joins": "no", "reply": ""}).status_code == 422
    assert justice.post(rows["justice"], {"joins": "no", "reply": "不归我们管"}).status_code == 302
    assert FACTS in labour.get(f"/disputes/{one.row.pk}").content.decode()
    assert labour.post(rows["labour"], {"opinion": "少发两千四"}).status_code == 302
    story = lead.get(f"/disputes/{one.row.pk}").content.decode()
    assert "少发两千四" in story and "不归我们管" in story and "不参加协办" in story and "始终由它负责" in story
