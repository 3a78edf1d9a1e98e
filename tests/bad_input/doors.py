"""The doors of grid, people and intake that take something in, each with a body that is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jiean.people.models import Duty
from tests.intake.scenes import body, referred, reported
from tests.town import MARKET_AT, Town

Given = dict[str, Any]


@dataclass(frozen=True)
class Door:
    """A form or an operation: who may use it, where it is, and what is sent."""

    name: str
    who: str | None
    path: Callable[[Town], str]
    given: Callable[[Town], Given]
    json: bool = False


def _form(name: str, who: str | None, path: str, /, **given: Any) -> Door:
    return Door(name, who, lambda _town: path, lambda _town: dict(given))


def _of_report(deed: str, /, **given: Any) -> Door:
    return Door(f"desk {deed}", "chenxiao", lambda _town: f"/desk/{reported().pk}/{deed}", lambda _town: dict(given))


def _of_person(deed: str, who: str, given: Callable[[Town], Given]) -> Door:
    return Door(f"person {deed}", who, lambda town: f"/staff/{town.accounts['wangxm'].pk}/{deed}", given)


def _operation(name: str, who: str | None, path: Callable[[Town], str], /, **given: Any) -> Door:
    return Door(name, who, lambda town: f"/api/v1{path(town)}", lambda _town: dict(given), json=True)


HERE = {"lon": MARKET_AT[0], "lat": MARKET_AT[1]}

DOORS = (
    _form("report", None, "/report", text="路灯坏了", place_words="三号楼", **HERE, datum="wgs84", name="张三",
          phone="13800001234", key="k"),
    _form("track", None, "/track", number="B26-000001", code="ABCDEFGH"),
    _form("entry", "chenxiao", "/desk/new", text="路灯坏了", channel="desk_phone", **HERE, key="k", token="market2345"),
    _form("caller", "chenxiao", "/desk/caller", phone="13800001234"),
    _of_report("accept", version=1, kind="noise", urgency=2),
    _of_report("correct", version=1, kind="noise", urgency=2, **HERE),
    Door("desk refer", "chenxiao", lambda _town: f"/desk/{reported().pk}/refer",
         lambda _town: {"version": 1, "organisation_id": body().pk, "reason": "请办"}),
    _of_report("reject", version=1, reason="不在辖区"),
    _of_report("answer", version=1, outcome="handled", answer="已处理"),
    _of_report("split", texts="一件\n两件"),
    _of_report("add", text="补充"),
    _of_report("merge", report=1),
    _of_report("contact", purpose="dispatch"),
    Door("desk sign", "chenxiao", lambda town: f"/desk/{referred(town).report_id}/sign",
         lambda _town: {"version": 1, "reply": "收到"}),
    Door("desk recall", "chenxiao", lambda town: f"/desk/{referred(town).report_id}/recall",
         lambda _town: {"version": 1, "reply": "转错"}),
    _form("role", "wangxm", "/role", role="OFC", next="/my"),
    _form("new account", "shenqing", "/staff/new", username="zhaolei", name="赵磊", phone="12345", key="k"),
    _form("confirm roles", "hanli", "/staff/confirm", holding="1"),
    _of_person("correct", "shenqing", lambda _town: {"name": "王小明", "phone": "12345", "organisation_id": "", "version": 1}),
    _of_person("give-role", "shenqing", lambda _town: {"role": "MED"}),
    _of_person("take-role", "shenqing", lambda _town: {"role": "OFC"}),
    _of_person("assign-duty", "hanli", lambda town: {"cell_id": town.cells["SJ-003"].pk, "kind": "worker", "note": "x"}),
    _of_person("hand-over", "hanli", lambda town: {
        "duty_id": Duty.objects.get(account=town.accounts["wangxm"]).pk, "to_account_id": town.accounts["liwei"].pk, "note": "x"}),
    _of_person("be-away", "hanli", lambda _town: {"since": "2026-12-01", "until": "2026-12-02", "reason": "leave"}),
    _of_person("end-duty", "hanli", lambda _town: {"duty_id": 1}),
    _form("areas import", "shenqing", "/areas/import", datum="wgs84", street_code="330109014"),
    _form("new place", "wangxm", "/areas/premises/new", name="便利店", kind="shop", code="P-9", address="1 号", **HERE,
          datum="wgs84", key="k"),
    _operation("api report", None, lambda _town: "/reports", text="路灯坏了", **HERE, datum="wgs84", place_words="x",
               place_token="market2345", name="张三", phone="13800001234", device_at="2026-11-21T00:00:00Z"),
    _operation("api accept", "chenxiao", lambda _town: f"/desk/reports/{reported().pk}/accept", version=1, kind="noise", urgency=2),
    _operation("api refer", "chenxiao", lambda _town: f"/desk/reports/{reported().pk}/refer", organisation_id=1, reason="x", version=1),
    _operation("api reject", "chenxiao", lambda _town: f"/desk/reports/{reported().pk}/reject", reason="x", version=1),
    _operation("api answer", "chenxiao", lambda _town: f"/desk/reports/{reported().pk}/answer", outcome="handled", answer="x", version=1),
    _operation("api merge", "chenxiao", lambda _town: f"/desk/reports/{reported().pk}/merge", report_ids=[1]),
)  # fmt: skip
