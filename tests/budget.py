"""How many statements a page may cost: the numbers stand in each room's ``budgets.json``, so that raising one shows in the diff."""

from __future__ import annotations

import json
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def budgets(beside: str) -> dict[str, int]:
    """The room's numbers, by address."""
    numbers: dict[str, int] = json.loads((Path(beside).parent / "budgets.json").read_text())
    return numbers


def keeps(browser: Client, address: str, most: int) -> None:
    """Open the page twice and count the second time, when what is read once a process has been read."""
    browser.get(address)
    with CaptureQueriesContext(connection) as statements:
        answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    told = [one["sql"][:120] for one in statements]
    assert len(told) <= most, f"{address}: {len(told)} statements\n" + "\n".join(told)
