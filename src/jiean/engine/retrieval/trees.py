"""Boosted trees as plain arrays: fitted by scikit-learn, walked by NumPy, kept without anything that runs when it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

TREES, RATE, LEAVES, FEWEST, STIFF = 200, 0.05, 31, 40, 5.0
"""Sizes by cross-validation on past questions."""
_AT_ONCE = 4_000  # rows walked at once


@dataclass(frozen=True)
class Trees:
    """Nodes of each tree, a leaf pointing at itself; shapes (trees, nodes).

    clue int16 · border float64: a clue not above it goes left · left, right int16 · value float64: the leaf's share ·
    first: what no tree says · depth: steps to the deepest leaf.
    """

    clue: NDArray[np.int16]
    border: NDArray[np.float64]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    value: NDArray[np.float64]
    first: float
    depth: int

    def scores(self, clues: NDArray[np.float64]) -> NDArray[np.float64]:
        """The trees' sum for each row of clues (rows, clues), shape (rows,).

        Walked a block of rows after the other: a million rows at once would take gigabytes for where they stand in each tree.
        """
        blocks = [self._walk(clues[start : start + _AT_ONCE]) for start in range(0, len(clues), _AT_ONCE)]
        return np.concatenate(blocks) if blocks else np.zeros(0)

    def _walk(self, clues: NDArray[np.float64]) -> NDArray[np.float64]:
        trees, nodes = self.clue.shape
        start = (np.arange(trees) * nodes)[None, :]
        columns, borders = self.clue.ravel().astype(np.intp), self.border.ravel()
        left, right = self.left.ravel().astype(np.intp), self.right.ravel().astype(np.intp)
        seen, row = np.ascontiguousarray(clues).ravel(), (np.arange(len(clues)) * clues.shape[1])[:, None]
        node = np.zeros((len(clues), trees), np.intp)
        for _step in range(self.depth):
            at = start + node
            up = seen.take(row + columns.take(at)) > borders.take(at)
            node = np.where(up, right.take(at), left.take(at))
        return np.asarray(self.value.ravel().take(start + node).sum(axis=1) + self.first, dtype=np.float64)


def grow(clues: NDArray[np.float64], needed: NDArray[np.bool_], seed: int) -> Trees:
    """Fit to clues (rows, clues) and which rows were needed, some but not all of them."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 — slow to load, and only learning needs it

    machine = HistGradientBoostingClassifier(
        max_iter=TREES, learning_rate=RATE, max_leaf_nodes=LEAVES, min_samples_leaf=FEWEST, l2_regularization=STIFF,
        random_state=seed,
    ).fit(clues, needed)  # fmt: skip
    return plain(machine)


def plain(machine: HistGradientBoostingClassifier) -> Trees:
    """A fitted machine of two classes as arrays."""
    grown = [one[0].nodes for one in machine._predictors]
    most = max(len(nodes) for nodes in grown)
    own = np.tile(np.arange(most, dtype=np.int16), (len(grown), 1))
    trees = Trees(np.zeros_like(own), np.zeros(own.shape), own.copy(), own.copy(), np.zeros(own.shape),
                  float(machine._baseline_prediction.ravel()[0]), max(int(nodes["depth"].max()) for nodes in grown))  # fmt: skip
    for place, nodes in enumerate(grown):
        inner = np.flatnonzero(nodes["is_leaf"] == 0)
        trees.value[place, : len(nodes)] = nodes["value"]
        trees.clue[place, inner] = nodes["feature_idx"][inner]
        trees.border[place, inner] = nodes["num_threshold"][inner]
        trees.left[place, inner], trees.right[place, inner] = nodes["left"][inner], nodes["right"][inner]
    return trees
