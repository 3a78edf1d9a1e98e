"""A model advises once a person puts it in use: beside the rules, never against a red flag, and with a way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jiean.config.triage import run
from jiean.intake.advice import model_in_use, models_folder
from jiean.intake.commands import answer_referral, refer_report
from jiean.intake.commands.erasing import blank
from jiean.intake.lessons import routed
from jiean.intake.models import Referral
from jiean.intake.reactions import study_new_reports
from jiean.intake.words import advice_words
from jiean.kernel.models import Event
from tests.intake.scenes import body, referred, reported, studied
from tests.town import Town

WAGES = "工地干了半年，包工头欠我工资不给，工钱一直没结"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def done(capsys: pytest.CaptureFixture[str], deed: str, version: str = "") -> dict[str, Any]:
    assert run(deed, version, as_json=True) == 0
    answer = json.loads(capsys.readouterr().out)
    assert isinstance(answer, dict)
    return answer


def test_routes_become_teaching_reports_without_names_and_numbers(town: Town) -> None:
    told = reported("我叫王小明，电话13812345678，老板欠我工资")
    answer_referral(town.dispatcher, referred(town, told, "labour").pk, state=Referral.State.ACCEPTED)
    refused = referred(town, reported("楼上漏水"), "market")
    answer_referral(town.dispatcher, refused.pk, state=Referral.State.REFUSED, reply="不归我们管")
    learnt = list(routed())
    assert [(report.id, report.label) for report in learnt] == [(told.pk, "labour")]
    assert "王小明" not in learnt[0].body and "138" not in learnt[0].body
    assert "欠我工资" in learnt[0].body


def test_a_model_is_trained_shown_used_and_taken_back(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    reported(WAGES)
    version = done(capsys, "train")["version"]
    assert model_in_use() is None
    assert "model" not in studied(WAGES).advice
    shown = done(capsys, "evaluate")
    assert (shown["version"], shown["compared"]) == (version, 2)
    assert {"labour", "police"} <= shown["confusion"].keys()
    assert done(capsys, "use", version) == {"in use": version, "before": "rules alone"}
    kept = studied(WAGES).advice
    assert (kept["model"], kept["likeliest"][0][0]) == (version, "labour")
    assert len(kept["likeliest"]) == 2
    assert done(capsys, "back") == {"in use": "rules alone", "before": version}
    assert model_in_use() is None


def test_a_red_flag_asks_no_model(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    done(capsys, "train")
    done(capsys, "use")
    told = studied("包工头欠我工资不给，工友拿刀要砍他")
    assert (told.red_flag, told.advice["destination"]) == (True, "police")
    assert "model" not in told.advice


def test_a_report_is_read_within_seconds_and_not_under_the_desks_hands(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    done(capsys, "train")
    done(capsys, "use")
    told, gone = reported(WAGES), reported(WAGES)
    blank(gone)
    assert "model" not in told.advice
    study_new_reports(0)
    as_it_stood_when_opened = told.version
    refer_report(town.dispatcher, told.pk, body("labour").pk, version=as_it_stood_when_opened)
    told.refresh_from_db()
    gone.refresh_from_db()
    assert (len(told.advice["likeliest"]), told.unstudied) == (2, False)
    assert gone.advice == {}, "nothing is read in what was erased"
    news = Event.objects.filter(name="intake.ReportChanged", subject_id=told.pk)
    assert news.count() == 1, "who shows it reads it again"
    study_new_reports(0)
    assert news.count() == 1


def test_doubt_shows_the_first_two_by_name(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    done(capsys, "train")
    done(capsys, "use")
    kept = studied("楼下水果店的事想找人说说，物业和店家都有道理，不知道归谁").advice
    first, second = (label for label, _ in kept["likeliest"])
    said = advice_words(kept, {first: "甲处", second: "乙处"} | {"police": "派出所"})
    assert any("甲处" in words and "乙处" in words and "把握不大" in words for words in said)


def test_a_broken_model_leaves_the_rules_alone(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    models_folder().mkdir(parents=True)
    (models_folder() / "in_use.json").write_text('{"version": "gone"}', "utf-8")
    assert model_in_use() is None
    assert "model" not in studied(WAGES).advice
    assert run("use", "gone", as_json=False) == 1
    assert "no model gone" in capsys.readouterr().out
    assert run("evaluate", "../..", as_json=False) == 1
