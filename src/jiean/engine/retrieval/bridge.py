"""From a question straight to where its answer should lie: kernel ridge regression on past questions.

People ask in their own words, the law answers in its own; past questions with what they led to say how the one is turned into
the other (Saunders, Gammerman and Vovk 1998). Guessed are a point among the articles' axes, and a share for each law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

WORDS_SHARE, RIDGE = 0.8, 0.3
"""How much the words of two questions count against their meaning, and how stiff the regression is: by cross-validation."""


@dataclass(frozen=True)
class Bridge:
    """Past questions as rows of TF-IDF and as points (n, k), and what each adds to the guess: (n, k) and (n, laws)."""

    table: csr_matrix
    points: NDArray[np.float32]
    to_point: NDArray[np.float32]
    to_law: NDArray[np.float32]

    def guess(self, row: csr_matrix, point: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The guessed point, of length 1 or 0, shape (k,), and the laws' shares, shape (laws,)."""
        alike = _alike(row, point[None, :], self.table, self.points)[0].astype(np.float32)
        found = alike @ self.to_point
        return found / (np.linalg.norm(found) or 1), alike @ self.to_law


def build_bridge(
    table: csr_matrix,
    points: NDArray[np.float32],
    goals: NDArray[np.float32],
    led_to: Sequence[Sequence[int]],
    law: NDArray[np.int64],
) -> Bridge:
    """Fit to past questions: `goals` are the articles' points (articles, k), `led_to` their places, `law` each article's law."""
    wanted = np.zeros((len(led_to), goals.shape[1] + int(law.max(initial=-1)) + 1))
    for place, articles in enumerate(led_to):
        if articles:
            wanted[place, : goals.shape[1]] = goals[list(articles)].mean(axis=0)
            wanted[place, goals.shape[1] + law[list(articles)]] = 1
    alike = _alike(table, points, table, points) + RIDGE * np.eye(len(led_to))
    shares = np.linalg.solve(alike, wanted).astype(np.float32) if len(led_to) else wanted.astype(np.float32)
    return Bridge(table, points, shares[:, : goals.shape[1]], shares[:, goals.shape[1] :])


def _alike(
    first: csr_matrix, first_points: NDArray[np.float32], second: csr_matrix, second_points: NDArray[np.float32]
) -> NDArray[np.float64]:
    words = (first @ second.T).toarray()
    return np.asarray(WORDS_SHARE * words + (1 - WORDS_SHARE) * (first_points @ second_points.T), dtype=np.float64)
