"""Where sessions are kept: a row that names its account and ends by itself, by idling and in any case (see ``sittings``)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from jiean.kernel import clocks

SITTING_KEY = "sitting"
"""Where a session keeps when, where and on what it began."""
IDLE = dt.timedelta(hours=2)
"""A session nobody used for so long ends. A screen that stands open asks for its parts, and so does not idle."""
LASTS = dt.timedelta(hours=14)
"""The longest shift with its hand-over: after it everybody signs in again, however busy."""
TOUCHED_EVERY = dt.timedelta(minutes=5)
"""How seldom use is written down: idling is known to within so much."""


class SessionStore(db.SessionStore):
    """Django's store in the database, over ``people.Sitting``; ``row`` is what was read, for whoever stands at the door."""

    row: Any = None

    @classmethod
    def get_model_class(cls) -> Any:
        from jiean.people.models import Sitting  # noqa: PLC0415 — named in the settings before there are models

        return Sitting

    def _get_session_from_db(self) -> Any:
        found = self.model.objects.filter(session_key=self.session_key, expire_date__gt=clocks.now()).first()
        if found is None:
            self._session_key = None
        self.row = found
        return found

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row of a session's data; use is noted and both ends are set anew with every keeping."""
        row: Any = super().create_model_instance(data)
        row.expire_date = clocks.now() + LASTS
        if SESSION_KEY in data:
            told = data.get(SITTING_KEY) or {}
            row.account_id, row.seen_at = int(data[SESSION_KEY]), clocks.now()
            row.number, row.terminal = told.get("number", ""), told.get("terminal", "")
            row.network, row.began_at = told.get("network", ""), began(data)
            row.expire_date = ends(row.began_at)
            row.elsewhere = self.row is not None and self.row.elsewhere
        return row


def began(data: dict[str, Any]) -> dt.datetime:
    """When a session's account signed in."""
    told = data.get(SITTING_KEY) or {}
    return dt.datetime.fromtimestamp(told["began"], dt.UTC) if "began" in told else clocks.now()


def ends(began_at: dt.datetime) -> dt.datetime:
    """When a session used just now ends if nobody uses it any more."""
    return min(clocks.now() + IDLE, began_at + LASTS)
