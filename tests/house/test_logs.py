"""Log lines: nobody forges one by what they send, and each says when, with its zone."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings

from jiean.kernel.logs import QuietFormatter


def line(words: str, *args: object) -> str:
    told = settings.LOGGING["formatters"]["line"]
    record = logging.LogRecord("jiean.test", logging.WARNING, __file__, 1, words, args, None)
    return QuietFormatter(told["format"], style=told["style"]).format(record)


def test_what_is_logged_stays_on_its_line() -> None:
    for sign in ("\n", "\r\n", "\x1b[2K", "\u2028", "\x85", "\u202e"):
        said = line("refused: %s", f"/x{sign}2026-11-23 WARNING jiean: all is well")
        assert len(said.splitlines()) == 1 and said.isprintable(), repr(sign)
    assert line("路灯 %s", "é").endswith("WARNING jiean.test: 路灯 é")


def test_an_errors_frames_keep_their_lines() -> None:
    try:
        raise ValueError("one\ntwo")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "it broke", (), (ValueError, error, error.__traceback__))
    said = QuietFormatter("{message}", style="{").format(record)
    assert said.splitlines()[0] == "it broke" and "ValueError (message withheld)" in said and "one\ntwo" not in said


def test_a_line_says_when_with_its_zone() -> None:
    at = dt.datetime.fromisoformat(line("x").split(" ")[0])
    assert at.utcoffset() == dt.timedelta(0) and abs(dt.datetime.now(dt.UTC) - at) < dt.timedelta(minutes=1)
