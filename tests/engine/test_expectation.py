"""Expectation: known rates are found again, few calls stay near the mean, intervals cover, habits are beaten on unseen days."""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest

from jiean.config.cli import main
from jiean.engine.expectation import (
    Calendar,
    ExpectationError,
    Grain,
    History,
    NoCalls,
    Parameters,
    Part,
    backtest,
    day_totals,
    expect,
    explain,
    fit,
    means,
)
from jiean.engine.expectation.grains import held

DAYS, CELLS = 900, 6
SHARE = np.array([3.0, 1.5, 0.8, 0.4, 0.2, 0.1])


def calendar(days=DAYS):
    day = np.arange(days)
    chance = np.random.default_rng(4)
    return Calendar(day % 7, day // 30 % 12 + 1, chance.random(days) < 0.05, chance.random(days) < 0.3)


def truth(known):
    """Calls an hour by day, hour and cell of a made-up town."""
    hour = 0.02 * (1 + 0.8 * np.sin((np.arange(24) - 10) * np.pi / 12))
    day = np.where(known.weekday >= 5, 1.4, 1.0) * np.where(known.wet, 1.3, 1.0) * np.where(known.holiday, 1.5, 1.0)
    return day[:, None, None] * hour[None, :, None] * SHARE[None, None] * 3


@pytest.fixture(scope="module")
def past():
    known, chance = calendar(), np.random.default_rng(5)
    counts = chance.poisson(truth(known))
    day, hour, cell = (np.repeat(axis, counts.ravel()) for axis in (i.ravel() for i in np.indices(counts.shape)))
    return History(day, hour, cell, np.zeros(day.size, np.int64), CELLS, 1, known)


@pytest.fixture(scope="module")
def model(past):
    return fit(past)


def test_known_rates_are_found_again(past, model):
    found, wanted = means(model, past.calendar)[..., 0], truth(past.calendar)
    assert found.shape == (DAYS, 24, CELLS)
    assert found.sum() == pytest.approx(past.day.size, rel=0.01)
    np.testing.assert_allclose(found.sum(axis=(0, 1)), wanted.sum(axis=(0, 1)), rtol=0.15)
    np.testing.assert_allclose(found.sum(axis=(0, 2)), wanted.sum(axis=(0, 2)), rtol=0.2)
    assert np.exp(model.rhythms[0].wet) == pytest.approx(1.3, abs=0.1)
    assert np.exp(model.rhythms[0].holiday) == pytest.approx(1.5, abs=0.2)


def test_the_factors_multiply_to_the_expectation(past, model):
    factors = explain(model, past.calendar, 12, 17, 2, 0)
    assert [factor.code for factor in factors] == list(Part)
    product = np.prod([factor.value for factor in factors])
    assert product == pytest.approx(means(model, past.calendar)[12, 17, 2, 0])


def test_intervals_cover_what_comes(past, model):
    later = calendar(60)
    found = expect(model, later)
    counts = np.random.default_rng(6).poisson(truth(later))[..., None]
    inside = (counts >= found.low) & (counts <= found.high)
    assert inside.mean() >= 0.9
    assert (found.low <= found.mean).all()


def test_unseen_days_are_told_better_than_by_habit(past):
    seen = backtest(past, 700)
    assert seen.model < 0.99 * seen.moving_mean
    assert seen.model < 0.9 * seen.last_year
    assert seen.expected == pytest.approx(seen.calls, rel=0.1)
    assert seen.covered >= 0.9
    assert seen.days == 200


def test_more_of_the_same_raises_the_dispersion(past, model):
    doubled = replace(past, **{name: np.repeat(getattr(past, name), 3) for name in ("day", "hour", "cell", "kind")})
    assert model.rhythms[0].dispersion < 0.2
    assert fit(doubled).rhythms[0].dispersion > 1


def test_one_call_leaves_its_cell_near_the_others():
    known = calendar(400)
    one = np.zeros(1, np.int64)
    found = means(fit(History(one, one, one, one, 50, 1, known), Parameters(cell=0.3)), known)[..., 0].sum(axis=(0, 1))
    assert found[0] < 1.3 * found[1]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [({"cell": np.array([9])}, ExpectationError, "Call 0: cell is 9"), ({"hour": np.array([24])}, ExpectationError, "hour is 24"),
     ({"day": np.array([-1])}, ExpectationError, "day is -1"), ({"kinds": 2}, NoCalls, "kind 1"),
     ({"cells": 0}, ExpectationError, "One cell"),
     ({"hour": np.array([1, 2])}, ExpectationError, "hour needs one entry")],
)  # fmt: skip
def test_a_history_that_is_none_is_refused(change, error, words):
    one = np.zeros(1, np.int64)
    with pytest.raises(error, match=words):
        History(
            **(
                {"day": one, "hour": one, "cell": one, "kind": one, "cells": 3, "kinds": 1, "calendar": calendar(7)}
                | change
            )
        )


def test_calendars_parameters_and_splits_check_themselves(past):
    with pytest.raises(ExpectationError, match="Weekdays"):
        replace(calendar(3), weekday=np.array([0, 1, 7]))
    with pytest.raises(ExpectationError, match="same number"):
        replace(calendar(3), wet=np.array([True]))
    with pytest.raises(ExpectationError, match="spread"):
        Parameters(cell=0.0)
    with pytest.raises(ExpectationError, match="first is 100"):
        backtest(past, 100)


def test_a_towns_day_lies_in_its_interval_about_as_often_as_said(past, model):
    found = day_totals(model, past.calendar)
    seen = np.bincount(past.day, minlength=DAYS)
    inside = (seen >= found.low[:, 0]) & (seen <= found.high[:, 0])
    assert found.mean.shape == (DAYS, 1)
    assert 0.87 <= inside.mean() <= 0.95  # 90 % is said; whole calls take a little more
    apart = expect(model, past.calendar)
    assert (found.high - found.low).mean() < (apart.high - apart.low).sum(axis=(1, 2, 3)).mean() / 2


def test_intervals_of_every_grain_hold_what_they_promise(past):
    """A history drawn from a known rhythm: counts spread over their jumps lie inside as often as said, at every grain."""
    seen = backtest(past, 700)
    assert [one.grain for one in seen.held] == list(Grain)
    assert all(abs(one.spread - 0.9) < 0.05 for one in seen.held), seen.held
    assert seen.held[0].bounds > 0.95, "whole bounds of tiny counts hold nearly always"
    model = fit(past.part(slice(0, 700)))
    wrong = replace(model, rhythms=tuple(replace(one, base=one.base + 1.0) for one in model.rhythms))
    counts = np.zeros((DAYS - 700, 24, past.cells, past.kinds))
    late = past.part(slice(700, DAYS))
    np.add.at(counts, (late.day, late.hour, late.cell, late.kind), 1.0)
    assert held(wrong, late.calendar, counts)[-1].spread < 0.5, "and seldom where the expectation is wrong"
    assert backtest(past, 300, window_days=200).last_year is None


def test_the_command_learns_from_a_table(past, tmp_path, capsys):
    first = dt.date(2023, 1, 2)
    rows = [
        f"{first + dt.timedelta(days=int(d))}T{h:02d}:30:00,C{c}"
        for d, h, c in zip(past.day, past.hour, past.cell, strict=True)
    ]
    (tmp_path / "calls.csv").write_text("received_at,cell\n" + "\n".join(rows) + "\n", "utf-8")
    assert main(["plan", "expect", str(tmp_path / "calls.csv"), "--days", "3", "--json"]) == 0
    sheet = json.loads(capsys.readouterr().out)
    assert [row["day"] for row in sheet["days"]] == [str(first + dt.timedelta(days=DAYS + i)) for i in range(3)]
    for row in sheet["days"]:
        assert row["low"] <= row["mean"] <= row["high"]
        assert sum(row["hours"]) == pytest.approx(row["mean"], abs=0.05)
        assert next(iter(row["cells"])) == "C0"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("received_at,cell\nsoon,A\n", "Line 2: received_at is 'soon'"),
        ("received_at,cell\n", "holds no calls"),
        ("a,b\n1,2\n", "received_at"),
    ],
)
def test_a_table_that_cannot_be_used_is_named(tmp_path, capsys, text, words):
    (tmp_path / "calls.csv").write_text(text, "utf-8")
    assert main(["plan", "expect", str(tmp_path / "calls.csv")]) == 2
    assert words in capsys.readouterr().err
