"""When a hive post is open, on the station's clock."""

from __future__ import annotations

import datetime as dt

from jiean.disputes.models import HivePost
from jiean.kernel import clocks


def is_open(post: HivePost, at: dt.datetime) -> bool:
    """Whether the post is open at a moment."""
    here = clocks.local(at)
    return (
        post.active
        and here.date() >= post.open_since
        and here.weekday() in post.days
        and post.from_hour <= here.hour < post.to_hour
    )
