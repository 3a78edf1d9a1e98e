"""The bar on every page: whose station, who is here in which role, and which pages that role has."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.kernel.actor import Actor, Role
from jiean.kernel.http import actor_of

COMMAND = frozenset({Role.COMMANDER, Role.DISPATCHER})
DESK = COMMAND | {Role.SOCIAL_WORKER}
FIELD = frozenset(
    {Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR, Role.INSPECTOR, Role.VOLUNTEER, Role.GUARD, Role.SCHOOL}
)
OFFICE = COMMAND | {Role.ADMIN}
MEDIATE = COMMAND | {Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR}
TELL = frozenset({Role.INSPECTOR, Role.VOLUNTEER, Role.GUARD, Role.SCHOOL})
"""Roles that tell of disputes and see no more of them."""
SEARCH = DESK | {Role.OFFICER}


@dataclass(frozen=True)
class Link:
    """One page of the bar and the roles that have it."""

    url: str
    label: str | Promise
    icon: str
    roles: frozenset[Role]


LINKS = (
    Link("/board", _("指挥台"), "layout-dashboard", COMMAND),
    Link("/desk", _("综治站"), "inbox", DESK),
    Link("/my", _("今日"), "walk", FIELD),
    Link("/disputes", _("调解"), "arrows-left-right", MEDIATE),
    Link("/disputes/new", _("登记纠纷"), "plus", TELL),
    Link("/areas", _("辖区"), "map", OFFICE | {Role.OFFICER}),
    Link("/staff", _("人员"), "users", OFFICE),
    Link("/law", _("法条"), "note", DESK | {Role.OFFICER, Role.MEDIATOR}),
    Link("/glass/review", _("紧急打开"), "lock", frozenset({Role.AUDITOR})),
    Link("/dispatch/advice", _("建议与选择"), "history", frozenset({Role.AUDITOR})),
    Link("/twin", _("推演"), "player-play", frozenset({Role.COMMANDER})),
    Link("/twin/cells", _("网格规划"), "map", frozenset({Role.ADMIN})),
    Link("/wall", _("大屏"), "device-tv", COMMAND),
)


@dataclass(frozen=True)
class PageLink:
    """A link as the bar shows it on one page."""

    url: str
    label: str | Promise
    icon: str
    current: bool


@dataclass(frozen=True)
class Shell:
    """What the page shells show of the actor; made for each page, without a query."""

    actor: Actor
    path: str

    @property
    def station(self) -> str:
        return settings.STATION_NAME

    @property
    def name(self) -> str:
        return self.actor.name if self.actor.is_signed_in else ""

    @property
    def role(self) -> str | Promise:
        return self.actor.role.label

    @property
    def links(self) -> list[PageLink]:
        return [
            PageLink(link.url, link.label, link.icon, self.path.startswith(link.url))
            for link in LINKS
            if self.actor.role in link.roles
        ]

    @property
    def home(self) -> str:
        """The first page of the role."""
        return self.links[0].url if self.links else "/"

    @property
    def can_search(self) -> bool:
        return self.actor.role in SEARCH


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor."""
    return {"shell": Shell(actor_of(request), request.path)}
