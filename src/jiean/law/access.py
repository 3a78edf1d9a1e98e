"""Who may bring statutes in, and who may say which article answers. Reading them is everybody's right: the law is public."""

from __future__ import annotations

from enum import StrEnum

from jiean.kernel.access import everywhere, grant
from jiean.kernel.actor import PERSONAL_ROLES, Role


class Can(StrEnum):
    READ = "law.read"
    KEEP = "law.keep"
    TEACH = "law.teach"


TEACHERS = (Role.COMMANDER, Role.DISPATCHER, Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR)
"""Who answers residents' questions."""

grant(
    {
        Can.READ: dict.fromkeys((*PERSONAL_ROLES, Role.PUBLIC, Role.SYSTEM), everywhere),
        Can.KEEP: {Role.SYSTEM: everywhere},
        Can.TEACH: dict.fromkeys((*TEACHERS, Role.SYSTEM), everywhere),
    }
)
