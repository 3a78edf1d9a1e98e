"""What is costly to make and always the same: made once, however many threads ask for it at the same moment.

`functools.cache` keeps what was made but lets all who come before the first is ready make their own. Where that takes a second of
processor time and every report needs it, a web process that starts under load says nothing for ten (measured: docs/trust.md).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Made = TypeVar("Made")


def once(make: Callable[Given, Made]) -> Callable[Given, Made]:
    """Keep what ``make`` made of the arguments it was last given; who asks meanwhile waits for it.

    An exception is not kept: it goes to the one who asked, and the next tries again. ``make`` must not ask for itself.
    """
    making = threading.Lock()
    kept: tuple[object, Made] | None = None

    @wraps(make)
    def asked(*args: Given.args, **named: Given.kwargs) -> Made:
        nonlocal kept
        given = args, named
        held = kept
        if held is None or held[0] != given:
            with making:
                held = kept
                if held is None or held[0] != given:  # nobody else has made it meanwhile
                    held = kept = given, make(*args, **named)
        return held[1]

    return asked
