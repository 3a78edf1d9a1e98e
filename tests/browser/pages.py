"""Every page a person can open, for the gallery and for axe. A page that is not here is not looked at."""

from dataclasses import dataclass

from playwright.sync_api import Page as View

PUBLIC, DISPATCHER, COMMANDER, OFFICER, MEDIATOR, ADMIN = "", "DSP", "CMD", "OFC", "MED", "ADM"


@dataclass(frozen=True)
class Page:
    """A page: its name, its address, the role that opens it, what is clicked and what is looked for before it is looked at.

    ``leads_to`` names the page the click opens; without it the click stays on the page.
    """

    name: str
    path: str
    role: str = PUBLIC
    click: str = ""
    asks: str = ""
    box: str = "#search"
    leads_to: str = ""


def ask(view: View, page: Page) -> None:
    """Type the page's words into its box, the search box of the bar where it names none, and wait for the answer."""
    with view.expect_navigation():
        view.fill(page.box, page.asks)
        view.press(page.box, "Enter")


PAGES = (
    Page("landing", "/"),
    Page("report", "/report"),
    Page("report-here", "/report/p/market2345"),
    Page("track", "/track"),
    Page("how", "/how-triage-decides"),
    Page("transparency", "/transparency"),
    Page("sign-in", "/accounts/login/"),
    Page("not-found", "/no-such-page"),
    Page("board", "/board", DISPATCHER),
    Page("board-incident", "/board", DISPATCHER, click="#queue-rows .row"),
    Page("board-keys", "/board", COMMANDER, click="[data-keys]"),
    Page("wall", "/wall", COMMANDER),
    Page("desk", "/desk", DISPATCHER),
    Page("desk-report", "/desk", DISPATCHER, click=".queue-row", leads_to="intake:report-page"),
    Page("desk-entry", "/desk/new", DISPATCHER),
    Page("hot-issues", "/desk/hot", DISPATCHER),
    Page("hot-issues-dismissed", "/desk/hot?dismissed=1", COMMANDER),
    Page("triage-model", "/desk/model", COMMANDER),
    Page("hot-issues-officer", "/desk/hot", OFFICER),
    Page("rights", "/rights", DISPATCHER),
    Page("my", "/my", OFFICER),
    Page("my-offline", "/my/offline"),
    Page("desk-filtered", "/desk?state=CLOSED&late=1", DISPATCHER),
    Page("officer-entry", "/desk/new", OFFICER),
    Page("search", "/q", DISPATCHER, asks="xj"),
    Page("search-empty", "/q", DISPATCHER),
    Page("search-words", "/q", DISPATCHER, asks="邻居"),
    Page("disputes", "/disputes", MEDIATOR),
    Page("disputes-commander", "/disputes?late=1", COMMANDER),
    Page("dispute-new", "/disputes/new", OFFICER),
    Page("dispute", "/disputes", DISPATCHER, click="#cases .case", leads_to="disputes:dispute"),
    Page("disputes-overview", "/disputes/overview", COMMANDER),
    Page("disputes-return", "/disputes/return", COMMANDER),
    Page("disputes-precedents", "/disputes/precedents", MEDIATOR),
    Page("disputes-flags", "/disputes/flags", COMMANDER),
    Page("disputes-rules", "/disputes/rules", COMMANDER),
    Page("mediators", "/disputes/mediators", COMMANDER),
    Page("mediator", "/disputes/mediators", COMMANDER, click="tbody a", leads_to="disputes:mediator"),
    Page("mediator-teams", "/disputes/mediators/teams", COMMANDER),
    Page("mediators-import", "/disputes/mediators/import", COMMANDER),
    Page("posts", "/disputes/posts", DISPATCHER),
    Page("post", "/disputes/posts", DISPATCHER, click="tbody a", leads_to="disputes:post"),
    Page("post-new", "/disputes/posts/new", COMMANDER),
    Page("disputes-calendar", "/disputes/calendar", MEDIATOR),
    Page("dispute-track", "/dispute"),
    Page("law", "/law"),
    Page("law-asked", "/law", OFFICER, asks="房东不退押金", box="#law-q"),
    Page("law-article", "/law/1"),
    Page("place", "/place/1", DISPATCHER),
    Page("poster", "/place/1/poster", DISPATCHER),
    Page("report-offline", "/report/offline"),
    Page("role", "/role", OFFICER),
    Page("sittings", "/sittings", OFFICER),
    Page("areas", "/areas", ADMIN),
    Page("areas-import", "/areas/import", ADMIN),
    Page("staff", "/staff", ADMIN),
    Page("staff-new", "/staff/new", ADMIN),
    Page("staff-import", "/staff/import", ADMIN),
    Page("person", "/staff/1", ADMIN),
    Page("board-review", "/board?state=FED_BACK", COMMANDER),
    Page("board-weather", "/board", COMMANDER, click=".watch-menu summary"),
    Page("board-late", "/board?late=1&kind=dispute", DISPATCHER),
    Page("board-commander", "/board", COMMANDER, click="#queue-rows .row"),
    Page("wall-dispatcher", "/wall", DISPATCHER),
    Page("desk-commander", "/desk", COMMANDER),
    Page("desk-officer", "/desk", OFFICER),
    Page("desk-mediator", "/desk", MEDIATOR),
    Page("desk-report-officer", "/desk", OFFICER, click=".queue-row", leads_to="intake:report-page"),
    Page("my-mediator", "/my", MEDIATOR),
    Page("place-officer", "/place/1", OFFICER),
    Page("areas-officer", "/areas", OFFICER),
    Page("premises-new", "/areas/premises/new", DISPATCHER),
    Page("staff-dispatcher", "/staff", DISPATCHER),
    Page("staff-commander", "/staff", COMMANDER),
    Page("person-commander", "/staff/3", COMMANDER),
    Page("forbidden", "/board", OFFICER),
    Page("key-add", "/accounts/2fa/webauthn/add/", OFFICER),
    Page("totp", "/accounts/2fa/totp/activate/", OFFICER),
    Page("sign-out", "/accounts/logout/", OFFICER),
    Page("two-step", "/accounts/2fa/", OFFICER),
    Page("prove", "/prove?next=/rights", DISPATCHER),
    Page("password", "/accounts/password/change/", OFFICER),
    Page("person-look-up", "/person", DISPATCHER),
    Page("glass", "/glass", OFFICER),
    Page("look-ups", "/look-ups", COMMANDER),
    Page("glasses", "/glass/review", COMMANDER),
    Page("twin", "/twin", COMMANDER),
    Page("twin-trial", "/twin/1", COMMANDER),
    Page("twin-sites", "/twin/sites", COMMANDER),
    Page("twin-posts", "/twin/calculations/1", COMMANDER),
    Page("twin-calls", "/twin/calls", COMMANDER),
    Page("twin-cells", "/twin/cells", COMMANDER),
    Page("twin-cell-plan", "/twin/cells/1", COMMANDER),
    Page("advice-compared", "/dispatch/advice", COMMANDER),
    Page("patrol", "/dispatch/patrol", DISPATCHER),
    Page("closures", "/dispatch/closures", DISPATCHER),
    Page("menu", "/my", OFFICER, click=".menu summary"),
)
