"""Communities from the official list of statistical division codes (csv, plain or gzip; one street at a time)."""

from __future__ import annotations

import csv
import io
from typing import Any

from jiean.grid.imports.plan import COMMUNITY, Area, Finding, Unreadable, decoded, text_fault


def read_names(raw: bytes, street_code: str, findings: list[Finding]) -> dict[str, Area]:
    """Communities by code from the list of division codes."""
    try:
        rows = _rows(decoded(raw), street_code)
    except Unreadable as unreadable:
        findings.append(unreadable.finding)
        return {}
    found: dict[str, Area] = {}
    for number, row in enumerate(rows, start=2):
        code, name = (row.get("code") or "").strip(), (row.get("name") or "").strip()
        label = name or code or f"#{number}"
        fault = text_fault(code, name)
        if fault:
            findings.append(Finding(fault, label))
        elif code in found:
            findings.append(Finding("double_code", label, found[code].name))
        else:
            found[code] = Area(COMMUNITY, code, _plain_name(name), kind_of(name))
    return found


def _rows(text: str, street_code: str) -> list[dict[str, Any]]:
    try:
        reader = csv.DictReader(io.StringIO(text.replace("\x00", "")))
        if not {"code", "name"} <= set(reader.fieldnames or ()):
            raise Unreadable(Finding("no_columns"))
        rows = list(reader)
    except csv.Error:
        raise Unreadable(Finding("no_columns")) from None
    streets = {row.get("street_code") or "" for row in rows}
    if not street_code and len(streets) > 1:
        raise Unreadable(Finding("many_streets"))
    chosen = [row for row in rows if not street_code or row.get("street_code") == street_code]
    if not chosen:
        raise Unreadable(Finding("no_street" if street_code else "no_features"))
    return chosen


def _plain_name(name: str) -> str:
    """The everyday name: 盈中村委会 is 盈中村, 长山社区居委会 is 长山社区."""
    if name.endswith(("村委会", "村民委员会")):
        return name.removesuffix("村民委员会").removesuffix("村委会") + "村"
    return name.removesuffix("居民委员会").removesuffix("居委会")


def kind_of(name: str) -> str:
    return "village" if _plain_name(name).endswith("村") else "community"
