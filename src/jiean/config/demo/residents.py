"""The residents of the simulated day: they report, look what became of it, and say whether they are content."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jiean.config.demo.places import Places
from jiean.config.demo.town import Sample, rates, samples
from jiean.config.demo.visitor import Visitor

ANSWERS_SHARE, CONTENT_SHARE = 0.8, 0.92
LOOKS_EVERY_S = 15.0
MOST_REMEMBERED = 200
_SATISFIED = ("很快就到了，谢谢。", "处理得很耐心。", "")
_DISCONTENT = ("来得有点慢。", "希望能跟进后续。")


@dataclass
class Residents:
    """Everybody who reports."""

    url: str
    chance: np.random.Generator
    places: Places = field(default_factory=Places)
    open_reports: dict[str, str] = field(default_factory=dict)
    _looked_at: float = 0.0

    def report(self) -> str:
        """Send one report as the rates say; returns its number, or nothing when the station did not take it."""
        sample = self._sample()
        lon, lat, words, _premises_id = self.places.pick(sample.at, self.chance)
        body: dict[str, Any] = {"text": sample.text, "lon": lon, "lat": lat, "place_words": words}
        if self.chance.random() < 0.7:
            body |= {"name": "演示居民", "phone": f"1390000{int(self.chance.integers(5000, 9999))}"}
        answer = Visitor(self.url).post("/api/v1/reports", body, **{"Idempotency-Key": uuid.uuid4().hex})
        if answer.status != 201:
            return ""
        kept = answer.json()
        self.open_reports[kept["number"]] = kept["code"]
        while len(self.open_reports) > MOST_REMEMBERED:
            self.open_reports.pop(next(iter(self.open_reports)))
        return str(kept["number"])

    def _sample(self) -> Sample:
        usual = rates().per_day
        weights = np.array(list(usual.values()))
        kind = list(usual)[int(self.chance.choice(len(usual), p=weights / weights.sum()))]
        return samples()[kind][int(self.chance.integers(len(samples()[kind])))]

    def look(self, now: float) -> None:
        """Every now and then look at the open reports; rate those that were answered."""
        if now - self._looked_at < LOOKS_EVERY_S:
            return
        self._looked_at = now
        for number, code in list(self.open_reports.items()):
            answer = Visitor(self.url).get(f"/api/v1/reports/{number}", **{"X-Tracking-Code": code})
            if not answer.ok or answer.json()["state"] in ("CLOSED", "REJECTED", "MERGED"):
                self.open_reports.pop(number)
            elif answer.json()["state"] == "ANSWERED":
                self.open_reports.pop(number)
                if self.chance.random() < ANSWERS_SHARE:
                    self._rate(number, code)

    def _rate(self, number: str, code: str) -> None:
        content = self.chance.random() < CONTENT_SHARE
        words = _SATISFIED if content else _DISCONTENT
        browser = Visitor(self.url)
        browser.submit("/track", {"number": number, "code": code})
        said = {"satisfied": "yes" if content else "no", "words": words[int(self.chance.integers(len(words)))]}
        browser.submit(f"/track/{number}/rate", said)
