"""The station key is away: reports are still taken, and nobody's telephone is kept in the clear or lost without a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jiean.intake.models import Report
from jiean.vault.models import SealedRecord
from tests.town import Town

GIVEN = {"text": "楼下有人吵架，听着像要动手", "place_words": "幸福路口"}


@pytest.fixture
def keyless(town: Town, settings: Any, tmp_path: Path) -> Town:
    settings.STATION_KEY_FILE = tmp_path / "gone.key"
    return town


@pytest.mark.django_db
def test_a_report_without_a_contact_is_taken(keyless: Town) -> None:
    answer = keyless.browser().post("/api/v1/reports", GIVEN, content_type="application/json")
    assert answer.status_code == 201
    assert Report.objects.count() == 1


@pytest.mark.django_db
def test_a_contact_that_cannot_be_sealed_is_said_beside_its_field(keyless: Town) -> None:
    answer = keyless.browser().post(
        "/api/v1/reports", GIVEN | {"phone": "13800138000"}, content_type="application/json"
    )
    assert answer.status_code == 422
    assert "先不填" in answer.json()["fields"]["phone"]
    assert not Report.objects.exists()
    assert not SealedRecord.objects.exists()
