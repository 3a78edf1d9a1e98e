"""A fitted model as plain arrays: what it says of one report, and how it is kept without being a program."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from jiean.engine.triage.features import Counted, Features, Field, counted

FORMAT = 1
_ARRAYS, _CARD = "arrays.npz", "model.json"


class BadModel(ValueError):
    """A folder that holds no model this program can use; the words say what is wrong."""


@dataclass(frozen=True)
class Card:
    """What is known of a model.

    labels : destinations, in the order of every array's class axis
    threshold : confidence from which an answer stands by itself
    trained_on : the date given when it was fitted, for people to read
    fingerprint : SHA-256 of the training reports
    figures : what was measured on held-out parts of the training reports
    left_out : labels too few reports carried to learn them
    confusion : held-out reports by true label (rows) and by what was said (columns), in the order of `labels`
    """

    labels: tuple[str, ...]
    threshold: float
    trained_on: str
    fingerprint: str
    reports: int
    figures: Mapping[str, float]
    scales: tuple[float, float]
    gamma: float
    left_out: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Arrays:
    """linear (classes, columns) · offsets (classes,) · axes (columns, k) · holds (m, k) · duals (classes, m) · shifts (classes,)."""

    linear: NDArray[np.float32]
    offsets: NDArray[np.float32]
    axes: NDArray[np.float32]
    holds: NDArray[np.float32]
    duals: NDArray[np.float32]
    shifts: NDArray[np.float32]


@dataclass(frozen=True)
class Model:
    """Features, weights and card. `version` names the content: equal models have equal versions."""

    features: Features
    arrays: Arrays
    card: Card
    version: str = ""

    def shares(self, rows: Sequence[Counted]) -> NDArray[np.float64]:
        """Calibrated share of each label for each report, shape (n, classes), rows sum to 1."""
        return shares(*self.scores(self.features.vectors(rows)), self.card.scales)

    def scores(self, table: csr_matrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The linear part's and the kernel part's scores, each (n, classes)."""
        linear = np.asarray(table @ self.arrays.linear.T) + self.arrays.offsets
        points = unit(np.asarray(table @ self.arrays.axes))
        near = kernel(points, self.arrays.holds, self.card.gamma)
        return linear.astype(np.float64), (near @ self.arrays.duals.T + self.arrays.shifts).astype(np.float64)

    def pulls(self, row: Counted, label: int, most: int = 5) -> tuple[str, ...]:
        """The words of a report that spoke most for a label, runs of two signs or more, none within another."""
        table = self.features.vectors([row])
        worth = table.data * self.arrays.linear[label, table.indices]
        names = self.features.names
        ranked = (names[table.indices[place]].strip() for place in np.argsort(-worth) if worth[place] > 0)
        return _apart((name for name in ranked if len(name) > 1), most)


def _apart(names: Any, most: int) -> tuple[str, ...]:
    kept: list[str] = []
    for name in names:
        if not any(name in other or other in name for other in kept):
            kept.append(name)
        if len(kept) == most:
            break
    return tuple(kept)


def kernel(points: NDArray[Any], holds: NDArray[Any], gamma: float) -> NDArray[Any]:
    """exp(−gamma · squared distance) between rows of length 1 (or 0), shape (n, m)."""
    squares = (points**2).sum(axis=1)[:, None] + (holds**2).sum(axis=1)[None, :] - 2 * points @ holds.T
    return np.asarray(np.exp(-gamma * np.maximum(squares, 0)))


def unit(points: NDArray[Any]) -> NDArray[Any]:
    """Rows brought to length 1; rows of nothing stay."""
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    return points / np.where(lengths > 0, lengths, 1)


def shares(linear: NDArray[np.float64], near: NDArray[np.float64], scales: tuple[float, float]) -> NDArray[np.float64]:
    """Softmax of the scaled sum of both scores: temperature scaling with one temperature a part (Guo et al. 2017, § 4.2)."""
    total = scales[0] * linear + scales[1] * near
    total -= total.max(axis=1, keepdims=True)
    weights = np.exp(total)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def one(model: Model, title: str, body: str) -> tuple[Counted, NDArray[np.float64]]:
    """The runs of a report and the share of each label, shape (classes,)."""
    row = counted(title, body)
    return row, model.shares([row])[0]


def version_of(model: Model) -> str:
    """Twelve signs that change with any weight, name or threshold."""
    total = hashlib.sha256("\n".join(model.features.names).encode())
    for array in (*vars(model.arrays).values(), model.features.whole.idf, model.features.title.idf):
        total.update(np.ascontiguousarray(array).tobytes())
    total.update(json.dumps(_card_out(model.card), sort_keys=True).encode())
    return total.hexdigest()[:12]


def save(model: Model, folder: Path) -> None:
    """Write `arrays.npz` and `model.json`; the folder is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    fields: dict[str, Any] = {
        name: np.frombuffer("\n".join(field.names).encode(), dtype=np.uint8)
        for name, field in (("whole_names", model.features.whole), ("title_names", model.features.title))
    }
    np.savez_compressed(
        folder / _ARRAYS,
        **vars(model.arrays) | {"axes": model.arrays.axes.astype(np.float16)},
        **fields,
        whole_idf=model.features.whole.idf,
        title_idf=model.features.title.idf,
    )
    card = {"format": FORMAT, "version": model.version} | _card_out(model.card)
    (folder / _CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")


def load(folder: Path) -> Model:
    """Read a model. Raises BadModel where the folder holds none, or one of another format."""
    try:
        card = json.loads((folder / _CARD).read_text("utf-8"))
        if card.get("format") != FORMAT:
            raise BadModel(f"{folder}: format {card.get('format')!r} is not {FORMAT}; fit the model again")
        with np.load(folder / _ARRAYS, allow_pickle=False) as kept:
            return _put_together(card, {name: kept[name] for name in kept.files})
    except (OSError, KeyError, TypeError, AttributeError, ValueError, BadZipFile) as problem:
        if isinstance(problem, BadModel):
            raise
        raise BadModel(f"{folder}: no model: {problem}") from problem


def _names(kept: NDArray[np.uint8]) -> tuple[str, ...]:
    """Without a title in any training report that field has no names at all, rather than an empty one."""
    return tuple(kept.tobytes().decode().split("\n")) if kept.size else ()


def _put_together(card: Mapping[str, Any], kept: Mapping[str, NDArray[Any]]) -> Model:
    whole, title = (Field(_names(kept[f"{name}_names"]), kept[f"{name}_idf"]) for name in ("whole", "title"))
    arrays = Arrays(**{name: kept[name].astype(np.float32) for name in Arrays.__dataclass_fields__})
    _check(whole, title, arrays, len(card["labels"]))
    fields = {name: card[name] for name in Card.__dataclass_fields__}
    fields["confusion"] = tuple(tuple(row) for row in card["confusion"])
    fields |= {"labels": tuple(card["labels"]), "scales": tuple(card["scales"]), "left_out": tuple(card["left_out"])}
    return Model(Features(whole, title), arrays, Card(**fields), str(card["version"]))


def _check(whole: Field, title: Field, arrays: Arrays, labels: int) -> None:
    columns = len(whole.idf) + len(title.idf)
    wanted = {
        "linear": (labels, columns),
        "offsets": (labels,),
        "axes": (columns, arrays.holds.shape[1]),
        "duals": (labels, len(arrays.holds)),
        "shifts": (labels,),
    }
    wrong = [name for name, shape in wanted.items() if getattr(arrays, name).shape != shape]
    if wrong or len(whole.names) != len(whole.idf) or len(title.names) != len(title.idf):
        raise BadModel(f"shapes do not fit each other: {', '.join(wrong) or 'names'}")


def _card_out(card: Card) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(card).items()}
