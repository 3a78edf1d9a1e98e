"""Pictures through the JSON door: the form's own limits, proved by number and code."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from jiean.intake import album, tracking
from jiean.intake.models import Photo, Report
from jiean.kernel.pictures import COUNT_LIMIT
from tests.intake.scenes import picture, reported
from tests.town import Town


def file(raw: bytes | None = None, name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if raw is None else raw)


def send(browser: Client, report: Report, *files: SimpleUploadedFile, code: str | None = None, **headers: str) -> Any:
    code = tracking.code_of(report.number) if code is None else code
    path = f"/api/v1/reports/{report.number}/photos"
    return browser.post(path, {"photos": list(files)}, headers={"X-Tracking-Code": code} | headers)


def test_pictures_are_drawn_anew_and_hang_on_the_report(town: Town) -> None:
    report = reported()
    taken = send(town.browser(), report, file(), file(picture("PNG"), "b.png"))
    assert taken.status_code == 201, taken.content
    assert taken.json() == {"number": report.number, "taken": 2, "total": 2}
    for photo in Photo.objects.all():
        with Image.open(album.path_of(photo.name)) as kept:
            assert kept.format == "JPEG" and not kept.getexif()


def test_a_repeated_request_adds_nothing(town: Town) -> None:
    report, raw = reported(), picture()
    for _time in range(2):
        answer = send(town.browser(), report, file(raw), **{"Idempotency-Key": "p1"})
        assert answer.status_code == 201 and answer.json()["total"] == 1
    assert Photo.objects.count() == 1


@pytest.mark.parametrize("code", ["", "AAAAAAAA"])
def test_without_the_code_there_is_no_such_report(town: Town, code: str) -> None:
    answer = send(town.browser(), reported(), file(), code=code)
    assert answer.status_code == 404
    assert not Photo.objects.exists()


def test_the_forms_limits_hold(town: Town) -> None:
    report, browser = reported(), town.browser()
    for bad in (b"", b"PK\x03\x04 a zip named jpg", b"\xff\xd8\xff broken"):
        answer = send(browser, report, file(bad))
        assert answer.status_code == 422, bad
        assert "照片" in answer.json()["fields"]["photos"]
    many = send(browser, report, *(file() for _n in range(COUNT_LIMIT + 1)))
    assert many.status_code == 422 and "6" in many.json()["fields"]["photos"]
    assert send(browser, report, *(file() for _n in range(4))).status_code == 201
    over = send(browser, report, *(file() for _n in range(3)))
    assert over.status_code == 422 and Photo.objects.count() == 4


def test_a_body_that_is_no_form_is_answered_in_words(town: Town) -> None:
    report = reported()
    headers = {"X-Tracking-Code": tracking.code_of(report.number)}
    path = f"/api/v1/reports/{report.number}/photos"
    part = b'--b\r\nContent-Disposition: form-data; name="photos"; filename="x"\r\n\r\nx\r\n'
    for kind, raw in (
        ("application/json", b"{}"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nnonsense"),
        ("multipart/form-data; boundary=b", part * 20 + b"--b--\r\n"),
    ):
        answer = town.browser().generic("POST", path, raw, content_type=kind, headers=headers)
        assert answer.status_code == 422, (kind, answer.content[:200])
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_finished_report_takes_no_more(town: Town) -> None:
    report = reported()
    Report.objects.filter(pk=report.pk).update(state=Report.State.CLOSED)
    assert send(town.browser(), report, file()).status_code == 409
