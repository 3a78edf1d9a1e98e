"""The simulated day's mediation: a desk that diverts and signs, a mediator who talks and settles, at the station's own pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from jiean.config.demo.accounts import DEMO_PASSWORD
from jiean.config.demo.visitor import Visitor

DESK, MEDIATOR, MEDIATOR_NAME = "dsp2", "tiaojie", "康夏木"
LEFT = 2
"""So many in each state are left to whoever tries the demonstration."""
PAUSE_S = (12.0, 40.0)
SETTLES_SHARE = 0.75
_ROW = re.compile(r'href="/disputes/(\d+)"')
_TERMS = {
    "facts": "双方对经过没有大的争议，分歧在赔多少。",
    "liability": "双方都有不妥，主要一方多承担一些。",
    "terms": "互相道歉，费用按说好的数付清，以后有事先打招呼。",
    "performance": "当面付清。",
}
SIDES = (("applicant", "甄和气", "13920260001"), ("respondent", "洪好商", "13920260002"))


@dataclass
class Table:
    """Who moves quarrels on while nobody else does."""

    url: str
    chance: np.random.Generator
    next_at: float = 0.0
    desk: Visitor = field(init=False)
    mediator: Visitor = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Visitor(self.url, DESK, DEMO_PASSWORD)
        self.mediator = Visitor(self.url, MEDIATOR, DEMO_PASSWORD)

    def look(self, now: float) -> None:
        """One step, when it is time for one. Raises AwayError."""
        if now < self.next_at:
            return
        self.next_at = now + float(self.chance.uniform(*PAUSE_S))
        steps = ((self.desk, "REGISTERED", self._divert), (self.desk, "DIVERTED", self._sign),
                 (self.desk, "ACCEPTED", self._name), (self.mediator, "ACCEPTED", self._begin),
                 (self.mediator, "MEDIATING", self._end))  # fmt: skip
        who, state, act = steps[int(self.chance.integers(len(steps)))]
        rows = _ROW.findall(self._page(who, f"/disputes?state={state}"))
        if len(set(rows)) > LEFT:
            act(rows[int(self.chance.integers(len(rows)))])

    def _page(self, who: Visitor, path: str) -> str:
        if "sessionid" not in who.cookies:
            who.sign_in()
        return who.get(path).body.decode()

    def _do(self, who: Visitor, row: str, deed: str, **said: str) -> None:
        who.submit(f"/disputes/{row}/{deed}", said)

    def _divert(self, row: str) -> None:
        page = self._page(self.desk, f"/disputes/{row}")
        chosen = re.search(r'name="organisation_id".*?<option value="(\d+)" selected', page, re.DOTALL)
        if chosen:
            self._do(self.desk, row, "divert", organisation_id=chosen[1])

    def _sign(self, row: str) -> None:
        self._do(self.desk, row, "sign")

    def _name(self, row: str) -> None:
        page = self._page(self.desk, f"/disputes/{row}")
        chosen = re.search(rf'<option value="(\d+)">{MEDIATOR_NAME}', page)
        if chosen and "还没有定" in page:
            self._do(self.desk, row, "mediator", account_id=chosen[1])

    def _begin(self, row: str) -> None:
        page = self._page(self.mediator, f"/disputes/{row}")
        if "还没有登记当事人" in page:
            for standing, name, phone in SIDES:
                self._do(self.mediator, row, "side", standing=standing, nature="person", name=name, phone=phone)
        self._do(self.mediator, row, "begin", agreed="on")

    def _end(self, row: str) -> None:
        if self.chance.random() > SETTLES_SHARE:
            self._do(self.mediator, row, "fail", reason="金额谈不拢，已告知可以起诉。")
            return
        day = re.search(r'<time datetime="(\d{4})-(\d\d)', self._page(self.mediator, f"/disputes/{row}"))
        year = int(day[1]) + 1 if day else 2027
        self._do(self.mediator, row, "settle", **_TERMS, perform_by=f"{year}-01-15")
