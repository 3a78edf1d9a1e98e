"""How sure a model may say it is: scales, the threshold from which it answers, and the measures of both."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from jiean.engine.triage.model import shares

BINS = 15
_Z_95 = 1.645  # one-sided 95 %


def fit_scales(linear: NDArray[np.float64], near: NDArray[np.float64], truth: NDArray[np.int64]) -> tuple[float, float]:
    """The two scales, each at least 0, that make held-out labels likeliest; scores (n, classes), truth (n,)."""
    from scipy.optimize import minimize  # noqa: PLC0415 — slow to load, and only learning needs it

    def surprise(logs: NDArray[np.float64]) -> float:
        first, second = np.exp(logs)
        given = shares(linear, near, (float(first), float(second)))
        return float(-np.log(given[np.arange(len(truth)), truth] + 1e-12).mean())

    best = minimize(surprise, np.log([2.0, 2.0]), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-6})
    first, second = np.exp(np.clip(best.x, -6, 6))
    return float(first), float(second)


def wilson_low(right: int, of: int, z: float = _Z_95) -> float:
    """Lower end of a share's confidence interval (Wilson 1927); 0 of nothing."""
    if of == 0:
        return 0.0
    share = right / of
    middle = share + z * z / (2 * of)
    spread = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of)


def threshold_for(given: NDArray[np.float64], truth: NDArray[np.int64], precision: float) -> float:
    """The lowest confidence from which on answers are right often enough, surely.

    Looked for on held-out reports from the surest down: the last place where the lower end of the one-sided 95 %
    interval still reaches `precision`. Where no place does, a threshold above 1: the model never answers by itself.
    """
    confidence = given.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    right = np.cumsum(given.argmax(axis=1)[order] == truth[order])
    low = np.array([wilson_low(int(count), place) for place, count in enumerate(right, start=1)])
    good = np.flatnonzero(low >= precision)
    return float(confidence[order[good[-1]]]) if len(good) else 1.01


def calibration_error(given: NDArray[np.float64], truth: NDArray[np.int64], bins: int = BINS) -> float:
    """Expected calibration error: mean gap of confidence and truth over equal bins, weighed by reports (Guo et al. 2017, § 2)."""
    confidence = given.max(axis=1)
    right = given.argmax(axis=1) == truth
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        (place == bin_).mean() * abs(right[place == bin_].mean() - confidence[place == bin_].mean())
        for bin_ in np.unique(place)
    ]
    return float(sum(gaps))


def macro_f1(said: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    """Mean over the labels that occur of 2 · hits / (said + true)."""
    labels = np.union1d(said, truth)
    return float(
        np.mean([2 * ((said == k) & (truth == k)).sum() / ((said == k).sum() + (truth == k).sum()) for k in labels])
    )


def measured(given: NDArray[np.float64], truth: NDArray[np.int64], threshold: float) -> dict[str, float]:
    """Macro-F1, accuracy, calibration error, and share and precision of what is answered; numbers in [0, 1]."""
    said = given.argmax(axis=1)
    answered = given.max(axis=1) >= threshold
    precision = float((said == truth)[answered].mean()) if answered.any() else 0.0
    return {
        "macro_f1": macro_f1(said, truth),
        "accuracy": float((said == truth).mean()),
        "calibration_error": calibration_error(given, truth),
        "coverage": float(answered.mean()),
        "precision_answered": precision,
        "best_coverage_at_95": _best_coverage(given, truth),
    }


def _best_coverage(given: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """Coverage at 95 % precision with the threshold read off the very rows: flattering, for comparison only."""
    order = np.argsort(-given.max(axis=1), kind="stable")
    right = np.cumsum(given.argmax(axis=1)[order] == truth[order]) / np.arange(1, len(truth) + 1)
    good = np.flatnonzero(right >= 0.95)
    return float((good[-1] + 1) / len(truth)) if len(good) else 0.0
