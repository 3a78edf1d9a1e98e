"""The page of the model that advises: figures, what would change, and a choice that stands in the audit."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pytest

from jiean.engine.triage.learner import TooLittle
from jiean.intake import lessons
from jiean.intake.advice import model_in_use
from jiean.intake.commands import accept_as_incident, keep_model, step_back, use_model
from jiean.intake.reactions import learn_first
from jiean.kernel.errors import Conflict, Forbidden, NotFound
from jiean.kernel.models import AuditEntry
from tests.intake.scenes import reported
from tests.town import SYSTEM, Town


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def page(town: Town, who: str, query: str = "") -> str:
    answer = town.browser(who).get(f"/desk/model{query}")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_without_a_model_the_page_says_so(town: Town) -> None:
    shown = page(town, "hanli")
    assert "没有用模型，只有词表在提建议" in shown and "启用</button>" not in shown


def test_a_model_is_looked_at_chosen_and_taken_back_and_the_audit_knows(town: Town) -> None:
    reported("工地干了半年，包工头欠我工资不给，工钱一直没结")
    model, _own = lessons.fitted()
    with pytest.raises(Forbidden):
        keep_model(town.commander, model)
    version = keep_model(SYSTEM, model)
    assert model_in_use() is None, "learning puts nothing in use"
    before = page(town, "hanli")
    assert version in before and "最近 1 件里" in before and "说成派出所" in before
    assert "启用" not in page(town, "chenxiao").replace("不会自己启用", "").replace("启用后", "")
    commander = town.browser("hanli")
    assert commander.post("/desk/model/choose", {"version": version}).status_code == 302
    assert model_in_use() is not None and "在用" in page(town, "hanli")
    assert commander.post("/desk/model/choose").status_code == 302
    assert model_in_use() is None
    for action in ("intake.use_model", "intake.step_back"):
        assert AuditEntry.objects.filter(action=action, account_id=town.commander.account_id, outcome="done").exists()
    assert town.browser("chenxiao").post("/desk/model/choose", {"version": version}).status_code == 403


def test_the_wrong_version_and_the_wrong_person_are_refused(town: Town) -> None:
    for version in ("../..", "gone"):
        with pytest.raises(NotFound):
            use_model(town.commander, version)
    with pytest.raises(Forbidden):
        use_model(town.dispatcher, "gone")
    with pytest.raises(Conflict):
        step_back(town.commander)
    assert town.browser("hanli").get("/desk/model?version=../..").status_code == 404


def test_what_the_police_took_up_counts_whatever_became_of_it(town: Town) -> None:
    told = reported("两家为了停车在楼下吵起来了")
    accept_as_incident(town.dispatcher, told.pk)
    type(told).objects.filter(pk=told.pk).update(state="CLOSED")
    assert [(one.id, one.label) for one in lessons.routed()] == [(told.pk, "police")]
    (week,) = lessons.drift()
    assert (week.routed, week.judged, week.unsure) == (1, 0, None)


def test_the_starting_set_speaks_of_the_stations_bodies() -> None:
    assert {"urban", "mediation", "police"} <= {one.label for one in lessons.taught_first()}
    assert "enforcement" not in {one.label for one in lessons.taught_first()}
    assert issubclass(TooLittle, ValueError)


def test_a_demonstration_learns_once(town: Town) -> None:
    learn_first()
    first = lessons.in_use()
    learn_first()
    assert first["version"] and lessons.in_use() == first
