"""Forty mediators of the demo town, twenty-two of them at home in another province: accounts, the register, two teams."""

from __future__ import annotations

from jiean.config.demo.steps import SYSTEM
from jiean.config.demo.town import DATA
from jiean.disputes.commands import import_mediators, keep_team
from jiean.disputes.imports import read_mediators
from jiean.disputes.models import Calling, Profile, Team
from jiean.disputes.queries import known_usernames
from jiean.grid.models import Premises
from jiean.kernel.actor import Role
from jiean.kernel.sheets import Sheet, read_sheet
from jiean.people.commands import change_account, import_people
from jiean.people.imports import Line, StaffPlan
from jiean.people.models import Account, Organisation

TEAMS = (
    ("市场联调组", (("tiaojie", Calling.PEOPLE), ("minjing", Calling.OFFICER), ("med12", Calling.CLERK))),
    ("家事联调组", (("med2", Calling.PEOPLE), ("ofc2", Calling.OFFICER), ("med11", Calling.COUNSELLOR), ("med13", Calling.LAWYER))),
)  # fmt: skip


def register_mediators() -> str:
    """The register by the table a station would bring; accounts that are missing first. A second run changes nothing."""
    sheet = read_sheet((DATA / "mediators.csv").read_bytes())
    _take_accounts(sheet)
    rows = [row for _number, row in sheet.rows]
    if Profile.objects.count() < len(rows):
        names = known_usernames([row["用户名"] for row in rows])
        places = set(Premises.objects.values_list("code", flat=True))
        import_mediators(SYSTEM, read_mediators(sheet, accounts=names, places=places))
    ids = dict(Account.objects.values_list("username", "pk"))
    for name, members in TEAMS if not Team.objects.exists() else ():
        keep_team(SYSTEM, name=name, members=[(ids[username], calling) for username, calling in members])
    return f"{Profile.objects.count()} mediators"


def _take_accounts(sheet: Sheet) -> None:
    """Accounts of mediators nobody signs in with, working for the mediation committee."""
    body = Organisation.objects.get(code="mediation").pk
    have = set(Account.objects.values_list("username", flat=True))
    missing = [row for _number, row in sheet.rows if row["用户名"] not in have]
    lines = [
        Line(number, row["用户名"], row["姓名"], (Role.MEDIATOR.value,), row["工作电话"])
        for number, row in enumerate(missing)
    ]
    import_people(SYSTEM, StaffPlan(tuple(lines)))
    for account in Account.objects.filter(username__in=[row["用户名"] for row in missing]):
        change_account(SYSTEM, account.pk, name=account.name, phone=account.phone, organisation_id=body)
