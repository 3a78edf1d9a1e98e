"""How quickly a class of road is driven where no limit is posted."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

from jiean.engine.roads.errors import RoadsError
from jiean.engine.roads.graph import CLASSES

_TOWN = ("primary", "secondary", "tertiary", "unclassified", "residential")
_CN = {"motorway": 120.0, "trunk": 80.0, "primary": 60.0, "secondary": 50.0, "tertiary": 50.0, "unclassified": 30.0,
       "residential": 30.0}  # fmt: skip
_DE = {"trunk": 100.0, "living_street": 7.0} | dict.fromkeys(_TOWN, 50.0)
_GB = {"motorway": 112.65, "trunk": 96.56} | dict.fromkeys(_TOWN, 48.28)
_NZ = {"motorway": 100.0, "trunk": 100.0} | dict.fromkeys(_TOWN, 50.0)

_FI = dict.fromkeys(_TOWN, 50.0)
_FR = {"motorway": 130.0, "living_street": 20.0} | dict.fromkeys(_TOWN, 50.0)
_JP = {"motorway": 100.0, "trunk": 60.0} | dict.fromkeys(_TOWN[:3], 60.0)

LEGAL_KMH: MappingProxyType[str, dict[str, float]] = MappingProxyType(
    {"cn": _CN, "de": _DE, "fi": _FI, "fr": _FR, "gb": _GB, "jp": _JP, "nz": _NZ}
)
"""Legal limits in towns by country (ISO 3166, small) and road class, km/h; a class left out keeps the general speed.

China: Regulations on the Implementation of the Road Traffic Safety Law, articles 45 (30 without a centre line, 50 with one
lane a direction) and 78 (120); 60 and 80 of wider roads are what towns post, for the law leaves them to signs. Germany:
StVO § 3 (50, 100) and § 42 annex 3 (walking pace); no limit on motorways. Finland: Road Traffic Act 729/2018, § 100 (50 in
built-up areas). France: Code de la route, articles R413-2 (130), R413-3 (50) and R110-2 (20 where people walk first). Great
Britain: Highway Code, rule 124 (30, 60 and 70 miles an hour). Japan: Order for the Enforcement of the Road Traffic Act,
articles 11 (60) and 27 (100); narrow streets keep the general speed. New Zealand: Land Transport Rule, Setting of Speed
Limits 2024 (50, 100).

How far they were checked: of R413-2 the text was read. Finland's 50 was read in the decision of 1988 that stood before (Finlex
263/1988) and at second hand for today, Japan's 60 and 100 and France's 50 at second hand. **Not verified**: the numbers of
Finland's section, of Japan's articles, of R413-3 and R110-2, and France's 20.
"""


@dataclass(frozen=True)
class DrivingSpeeds:
    """Free-flow speeds a patrol car drives without a siren.

    The class table is that of the OSRM project's car profile (profiles/car.lua, `speeds`, version 5), which also
    drives 0.8 of a posted limit (`maxspeed` factor). Speeds are km/h in (0, 200]; `share_of_limit` is in (0, 1].
    """

    by_class_kmh: MappingProxyType[str, float] = field(
        default_factory=lambda: MappingProxyType({
            "motorway": 90, "motorway_link": 45, "trunk": 85, "trunk_link": 40, "primary": 65, "primary_link": 30,
            "secondary": 55, "secondary_link": 25, "tertiary": 40, "tertiary_link": 20, "unclassified": 25,
            "residential": 25, "living_street": 10, "service": 15, "road": 25,
        })
    )  # fmt: skip
    share_of_limit: float = 0.8

    def __post_init__(self) -> None:
        if set(self.by_class_kmh) != set(CLASSES):
            raise ValueError("a speed is needed for every road class")
        if not all(0 < speed <= 200 for speed in self.by_class_kmh.values()):
            raise ValueError("speeds must lie in (0, 200] km/h")
        if not 0 < self.share_of_limit <= 1:
            raise ValueError("share_of_limit must lie in (0, 1]")

    @classmethod
    def of_country(cls, code: str) -> DrivingSpeeds:
        """Where no limit is posted: the share of the country's legal limit for such a road in a town. Raises RoadsError."""
        if code not in LEGAL_KMH:
            raise RoadsError(f"No legal limits are known for {code!r}; known are {', '.join(sorted(LEGAL_KMH))}.")
        plain = cls()
        legal = LEGAL_KMH[code]
        kmh = {
            name: plain.share_of_limit * legal[name] if name in legal else plain.by_class_kmh[name] for name in CLASSES
        }
        return cls(MappingProxyType(kmh), plain.share_of_limit)

    def seconds(self, length_m: float, road_class: str, limit_kmh: float | None) -> float:
        """Time to drive `length_m` metres; the posted limit decides where there is one."""
        kmh = limit_kmh * self.share_of_limit if limit_kmh else self.by_class_kmh[road_class]
        return length_m / (kmh / 3.6)
