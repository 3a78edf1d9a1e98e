"""What every web process must know for a moment: which code was used, how often an address failed. Django's cache in ``Remembered``."""

from __future__ import annotations

from django.utils.crypto import salted_hmac


def name(key: str, prefix: str, version: int) -> str:
    """How a row is named: its key holds accounts and addresses, which stand in no table for this."""
    return salted_hmac("people.remembered", f"{prefix}:{version}:{key}", algorithm="sha256").hexdigest()
