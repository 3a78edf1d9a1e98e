"""Who acts: one account in one role, or the public, or the system itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _

from jiean.kernel.device_time import DeviceTime


class Role(models.TextChoices):
    """The thirteen roles of people, and two that no person holds."""

    COMMANDER = "CMD", _("值班指挥长")
    DISPATCHER = "DSP", _("接警调度员")
    OFFICER = "OFC", _("网格民警")
    SOCIAL_WORKER = "SOC", _("社工·网格员")
    MEDIATOR = "MED", _("调解员")
    INSPECTOR = "INS", _("检查员")
    LANDLORD = "LND", _("房东")
    RESIDENT = "TEN", _("租客·居民")
    VOLUNTEER = "VOL", _("志愿者·义警")
    GUARD = "GRD", _("物业·专管员")
    SCHOOL = "SCH", _("学校联络员")
    ADMIN = "ADM", _("系统管理员")
    AUDITOR = "AUD", _("审计员")
    SYSTEM = "SYS", _("系统")
    PUBLIC = "PUB", _("群众")


PERSONAL_ROLES: tuple[Role, ...] = tuple(role for role in Role if role not in (Role.SYSTEM, Role.PUBLIC))
STAFF_ROLES: tuple[Role, ...] = (
    Role.COMMANDER,
    Role.DISPATCHER,
    Role.OFFICER,
    Role.SOCIAL_WORKER,
    Role.MEDIATOR,
    Role.INSPECTOR,
    Role.VOLUNTEER,
    Role.GUARD,
    Role.SCHOOL,
    Role.ADMIN,
    Role.AUDITOR,
)


@dataclass(frozen=True, slots=True)
class Actor:
    """One account acting in one role; what it holds is read afresh for each request.

    ``cell_ids`` are the cells of today's duties, ``organisation_id`` the body the account works for, ``device`` a short
    name of the terminal for the audit, never an identifier of the hardware. ``proved_at`` is when the second factor was last
    shown in this session, ``purpose`` what the actor then said to be looking for, ``late`` when the device says that was done which
    reaches us now; none of them makes another actor of the same person.
    """

    role: Role
    account_id: int | None = None
    cell_ids: frozenset[int] = frozenset()
    organisation_id: int | None = None
    name: str = ""
    device: str = ""
    proved_at: dt.datetime | None = field(default=None, compare=False)
    purpose: str = field(default="", compare=False)
    late: DeviceTime | None = field(default=None, compare=False)

    @classmethod
    def system(cls) -> Actor:
        """The system itself: timers and reactions. It has grants of its own and no way round them."""
        return _SYSTEM

    @classmethod
    def public(cls) -> Actor:
        """Anybody who has not signed in."""
        return _PUBLIC

    @property
    def is_signed_in(self) -> bool:
        return self.account_id is not None


_SYSTEM = Actor(role=Role.SYSTEM)
_PUBLIC = Actor(role=Role.PUBLIC)
