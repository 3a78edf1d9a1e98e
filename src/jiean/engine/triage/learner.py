"""Learn from labelled reports where new ones belong.

Two parts vote. A linear support vector machine reads the runs of signs one by one; another with a Gaussian kernel reads
the report's place among the axes of a truncated SVD of the same runs (latent semantic analysis), so that words that
keep the same company count alike. Both are fitted per label against all others. How much each counts, how sure the sum
is and from where on it answers is settled on parts of the training reports that the parts' models had not seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from jiean.engine.triage import calibration
from jiean.engine.triage.features import Counted, Features, choose, counted
from jiean.engine.triage.model import Arrays, Card, Model, shares, unit, version_of
from jiean.engine.triage.reports import Report, fingerprint, twin_groups

FEWEST = 20
"""Fewer labelled reports than this teach nothing."""


class TooLittle(ValueError):
    """Not enough labelled reports to learn from; the words say what is missing."""


class Stopped(RuntimeError):
    """`stop` answered yes."""


@dataclass(frozen=True)
class Parameters:
    """How to learn. Chosen by grouped cross-validation on training rows of a public message set.

    most_whole, most_title : runs kept a field · axes : of the SVD · linear_cost, kernel_cost, gamma : of the two machines
    folds : held-out parts · precision : wanted of what the model answers by itself, in (0, 1)
    margin : asked of the held-out parts beyond it, as what comes later is never quite like what was learnt from
    """

    most_whole: int = 60_000
    most_title: int = 12_000
    axes: int = 300
    linear_cost: float = 1.0
    kernel_cost: float = 3.0
    gamma: float = 1.0
    folds: int = 5
    precision: float = 0.95
    margin: float = 0.003

    def __post_init__(self) -> None:
        whole = (self.most_whole, self.most_title, self.axes)
        if min(whole) < 1 or self.folds < 2 or not 0 < self.precision <= self.precision + self.margin < 1:
            raise ValueError("sizes must be positive, folds at least 2, precision between 0 and 1")
        if min(self.linear_cost, self.kernel_cost, self.gamma) <= 0:
            raise ValueError("costs and gamma must be positive")


@dataclass(frozen=True)
class _Parts:
    features: Features
    arrays: Arrays


def _never() -> bool:
    return False


def fit(
    reports: Sequence[Report],
    *,
    trained_on: str,
    seed: int = 0,
    parameters: Parameters | None = None,
    stop: Callable[[], bool] = _never,
) -> Model:
    """Learn from every report that has a label.

    Parameters
    ----------
    trained_on
        The date to write on the card; the engine has no clock.
    seed
        Of the folds and the SVD's first guess; kept nowhere, equal seeds give equal models on one machine.

    Raises
    ------
    TooLittle
        Fewer than `FEWEST` labelled reports, or one label alone. A label with fewer reports than folds is left out.
    Stopped
        `stop` answered yes between two parts of the work.
    """
    chosen = parameters or Parameters()
    known, left_out = _teaching(reports, chosen.folds)
    labels, truth = _labels(known)
    rows = [counted(report.title, report.body) for report in known]
    linear, near = _held_out(rows, truth, twin_groups(known), chosen, seed, stop)
    scales = calibration.fit_scales(linear, near, truth)
    given = shares(linear, near, scales)
    threshold = calibration.threshold_for(given, truth, chosen.precision + chosen.margin)
    parts = _fit_parts(rows, truth, len(labels), chosen, seed)
    figures = calibration.measured(given, truth, threshold)
    card = Card(
        labels,
        threshold,
        trained_on,
        fingerprint(known),
        len(known),
        figures,
        scales,
        chosen.gamma,
        left_out,
        _confusion(given, truth),
    )
    model = Model(parts.features, parts.arrays, card)
    return replace(model, version=version_of(model))


def _confusion(given: NDArray[np.float64], truth: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
    counts = np.zeros((given.shape[1], given.shape[1]), np.int64)
    np.add.at(counts, (truth, given.argmax(axis=1)), 1)
    return tuple(tuple(row) for row in counts.tolist())


def _teaching(reports: Sequence[Report], fewest: int) -> tuple[list[Report], tuple[str, ...]]:
    """The reports to learn from, and the labels left out because too few reports carry them."""
    often = Counter(report.label for report in reports if report.label)
    known = [report for report in reports if often[report.label] >= fewest]
    if len(known) < FEWEST:
        raise TooLittle(f"{len(known)} reports with labels that occur {fewest} times; {FEWEST} are needed")
    if len({report.label for report in known}) < 2:
        raise TooLittle(f"every report is labelled {known[0].label}; two labels are needed")
    return known, tuple(sorted(label for label, count in often.items() if count < fewest))


def _labels(known: Sequence[Report]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    names, truth = np.unique([report.label for report in known], return_inverse=True)
    return tuple(str(name) for name in names), truth.astype(np.int64)


def _held_out(
    rows: Sequence[Counted],
    truth: NDArray[np.int64],
    groups: NDArray[np.int64],
    chosen: Parameters,
    seed: int,
    stop: Callable[[], bool],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of each report by models that saw neither it nor a near copy of it, each (n, classes)."""
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415 — slow to load, and only learning needs it

    classes = int(truth.max()) + 1
    linear, near = np.zeros((len(rows), classes)), np.zeros((len(rows), classes))
    folds = StratifiedGroupKFold(chosen.folds, shuffle=True, random_state=seed)
    for seen, unseen in folds.split(np.zeros(len(rows)), truth, groups):
        if stop():
            raise Stopped
        parts = _fit_parts([rows[place] for place in seen], truth[seen], classes, chosen, seed)
        judge = Model(parts.features, parts.arrays, Card((), 0, "", "", 0, {}, (1, 1), chosen.gamma))
        linear[unseen], near[unseen] = judge.scores(parts.features.vectors([rows[place] for place in unseen]))
    return linear, near


def _fit_parts(
    rows: Sequence[Counted], truth: NDArray[np.int64], classes: int, chosen: Parameters, seed: int
) -> _Parts:
    features = choose(rows, most_whole=chosen.most_whole, most_title=chosen.most_title)
    table = features.vectors(rows)
    axes = _axes(table, chosen.axes, seed)
    points = unit(np.asarray(table @ axes))
    weights, offsets = _linear_part(table, truth, classes, chosen.linear_cost)
    holds, duals, shifts = _kernel_part(points, truth, classes, chosen)
    return _Parts(features, Arrays(weights, offsets, axes, holds, duals, shifts))


def _axes(table: csr_matrix, wanted: int, seed: int) -> NDArray[np.float32]:
    """Right singular vectors, shape (columns, k), rounded as they will be kept."""
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 — slow to load, and only learning needs it

    most = max(1, min(wanted, min(table.shape) - 1))
    svd = TruncatedSVD(most, n_iter=3, random_state=seed).fit(table)
    return np.ascontiguousarray(svd.components_.T.astype(np.float16).astype(np.float32))


def _linear_part(
    table: csr_matrix, truth: NDArray[np.int64], classes: int, cost: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    from sklearn.svm import LinearSVC  # noqa: PLC0415 — slow to load, and only learning needs it

    weights, offsets = np.zeros((classes, table.shape[1]), np.float32), np.full(classes, -1.0, np.float32)
    for label in np.unique(truth):
        machine = LinearSVC(C=cost, random_state=0).fit(table, truth == label)
        weights[label], offsets[label] = machine.coef_[0], machine.intercept_[0]
    return weights, offsets


def _kernel_part(
    points: NDArray[np.float32], truth: NDArray[np.int64], classes: int, chosen: Parameters
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Support vectors of all labels together, their weights a label, and the offsets."""
    from sklearn.svm import SVC  # noqa: PLC0415 — slow to load, and only learning needs it

    duals, shifts = np.zeros((classes, len(points)), np.float32), np.full(classes, -1.0, np.float32)
    for label in np.unique(truth):
        machine = SVC(C=chosen.kernel_cost, gamma=chosen.gamma, cache_size=400).fit(points, truth == label)
        duals[label, machine.support_] = machine.dual_coef_[0]
        shifts[label] = machine.intercept_[0]
    held = np.flatnonzero(duals.any(axis=0))
    return points[held].astype(np.float32), duals[:, held], shifts
