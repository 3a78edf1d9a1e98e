"""What calls are to be expected, from a table of past ones, answered for people or as JSON. No database is needed."""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from jiean.config.start import say
from jiean.engine.expectation import YEAR_DAYS, Calendar, ExpectationError, History, backtest, day_totals, expect, fit
from jiean.kernel.holidays import is_holiday

MOST_CELLS_SHOWN, FEWEST_DAYS = 5, 21


def do(asked: argparse.Namespace) -> int:
    """Answer `plan expect`; returns the exit code."""
    try:
        history, names, last = history_in(asked.file)
        if asked.days < 1 or asked.days > 60:
            raise ExpectationError(f"{asked.days} days are asked; 1 to 60 are possible.")
        sheet = _sheet(history, names, last, asked.days)
    except ExpectationError as error:
        print(f"jiean: {error}", file=sys.stderr)
        return 2
    say(json.dumps(sheet, ensure_ascii=False) if asked.json else "\n".join(_told(sheet)))
    return 0


def history_in(file: Path) -> tuple[History, list[str], dt.date]:
    """A table with `received_at` (ISO time) and `cell`: its history, the cells' names, its last day. Raises ExpectationError."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = [(_moment(row, number), row["cell"]) for number, row in enumerate(csv.DictReader(lines), start=2)]
    except (OSError, UnicodeDecodeError, KeyError, csv.Error) as error:
        raise ExpectationError(f"{file.name}: not a table with received_at and cell ({error!r}).") from error
    if not rows:
        raise ExpectationError(f"{file.name} holds no calls.")
    names = sorted({cell for _moment_, cell in rows})
    first, last = min(moment for moment, _ in rows).date(), max(moment for moment, _ in rows).date()
    number = {name: i for i, name in enumerate(names)}
    columns = (
        [(moment.date() - first).days for moment, _ in rows], [moment.hour for moment, _ in rows],
        [number[cell] for _, cell in rows], [0] * len(rows),
    )  # fmt: skip
    day, hour, cell, kind = (np.array(column, np.int64) for column in columns)
    return History(day, hour, cell, kind, len(names), 1, _calendar(first, (last - first).days + 1)), names, last


def _moment(row: dict[str, str], line: int) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(row["received_at"])
    except ValueError as error:
        raise ExpectationError(f"Line {line}: received_at is {row['received_at']!r}; an ISO time is needed.") from error


def _calendar(first: dt.date, count: int) -> Calendar:
    """Days with their holidays; without weather, of which the table says nothing."""
    days = [first + dt.timedelta(days=i) for i in range(count)]
    off = np.array([is_holiday(day) for day in days], np.bool_)
    none = np.zeros(count, np.bool_)
    return Calendar(np.array([day.weekday() for day in days]), np.array([day.month for day in days]), off, none)


def _sheet(history: History, names: list[str], last: dt.date, days: int) -> dict[str, Any]:
    model, coming = fit(history), _calendar(last + dt.timedelta(days=1), days)
    total, mean = day_totals(model, coming), expect(model, coming).mean
    rows = []
    for i in range(days):
        cells = mean[i].sum(axis=(0, 2))
        most = np.argsort(-cells)[:MOST_CELLS_SHOWN]
        rows.append({
            "day": str(last + dt.timedelta(days=i + 1)), "mean": round(float(total.mean[i, 0]), 2), "low": int(total.low[i, 0]),
            "high": int(total.high[i, 0]), "hours": [round(float(one), 3) for one in mean[i].sum(axis=(1, 2))],
            "cells": {names[j]: round(float(cells[j]), 3) for j in most},
        })  # fmt: skip
    learnt = {"calls": model.calls, "days": model.days, "holidays": int(history.calendar.holiday.sum())}
    return {"learnt_from": learnt, "level": model.parameters.level, "days": rows, "judged": _judged(history)}


def _judged(history: History) -> dict[str, Any] | None:
    """How the last quarter of the table, ninety days at most, was foretold by what came before; None for a short table."""
    days = len(history.calendar)
    first = days - min(90, days // 4)
    if days < FEWEST_DAYS:
        return None
    seen = backtest(history, first, window_days=min(YEAR_DAYS, first))
    return asdict(seen) | {"held": [asdict(one) for one in seen.held]}


def _told(sheet: dict[str, Any]) -> list[str]:
    learnt = sheet["learnt_from"]
    told = [f"Learnt from {learnt['calls']} calls on {learnt['days']} days; place and hour only, never people."]
    for row in sheet["days"]:
        cells = ", ".join(f"{name} {value:.1f}" for name, value in row["cells"].items())
        told.append(f"{row['day']}  {row['mean']:6.1f} calls ({row['low']} to {row['high']})   most: {cells}")
    if sheet["judged"]:
        seen = sheet["judged"]
        year = "" if seen["last_year"] is None else f", last year's week {seen['last_year']:.5f}"
        told.append(f"Judged on the last {seen['days']} days: {seen['expected']:.0f} expected, {seen['calls']} came; deviance"
                    f" {seen['model']:.5f}, moving mean {seen['moving_mean']:.5f}{year}.")  # fmt: skip
        told += [
            f"{one['grain']:<11} {one['mean']:8.3f} calls, {one['bounds']:6.1%} in the bounds, {one['spread']:6.1%} spread"
            f" over their jumps ({sheet['level']:.0%} promised)"
            for one in seen["held"]
        ]
    return told
