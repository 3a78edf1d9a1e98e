"""What several of the trust tests ask for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal import auth as totp

STEP = 57_000_000


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """The code of a secret, on a clock that stands, so that no test runs over the edge of thirty seconds."""
    monkeypatch.setattr(totp, "yield_hotp_counters_from_time", lambda: iter([STEP]))
    return lambda secret: totp.format_hotp_value(totp.hotp_value(secret, STEP))
