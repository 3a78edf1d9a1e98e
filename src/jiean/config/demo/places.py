"""Where a report of the demo happens: at a place of the right kind, or somewhere beside a street of the town."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from jiean.config.demo.town import DATA, read
from jiean.engine import roads as engine_roads
from jiean.engine.roads import Roads


@dataclass
class Places:
    """The town's places by kind, and its streets."""

    roads: Roads = field(default_factory=lambda: engine_roads.load(DATA / "roads.npz"))
    by_kind: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place in read("places.json")["premises"]:
            self.by_kind.setdefault(place["kind"], []).append(place)

    def pick(self, at: str, chance: np.random.Generator) -> tuple[float, float, str, int | None]:
        """A point with words for it. The id of the premises is left to the desk: residents rarely know it."""
        known = self.by_kind.get(at)
        if known:
            place = known[chance.integers(len(known))]
            return float(str(place["lon"])), float(str(place["lat"])), f"{place['name']}（{place['address']}）", None
        return *self.beside_a_street(chance), None

    def beside_a_street(self, chance: np.random.Generator) -> tuple[float, float, str]:
        """A point beside a named street."""
        while True:
            edge = int(chance.integers(self.roads.edge_tail.size))
            name = self.roads.edge_name(edge)
            if name:
                points = self.roads.edge_points(edge)
                lon, lat = points[int(chance.integers(len(points)))]
                shift = chance.uniform(-1.5e-4, 1.5e-4)
                return (
                    round(float(lon) + shift, 6),
                    round(float(lat) - shift, 6),
                    f"{name}{int(chance.integers(400)) + 1}号附近",
                )
