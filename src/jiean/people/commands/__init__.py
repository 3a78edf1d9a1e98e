"""Every change among the staff, split by noun."""

from jiean.people.commands.accounts import change_account, close_account, create_account, issue_password, lift_factors
from jiean.people.commands.duties import assign_duty, begin_absence, cover_duty, end_duty, hand_over
from jiean.people.commands.imports import adopt_staff, drop_staff, import_people, propose_staff
from jiean.people.commands.messages import read_message, send_message
from jiean.people.commands.organisations import keep_organisation
from jiean.people.commands.roles import choose_role, confirm_role, give_role, take_role
from jiean.people.commands.sittings import end_sittings, end_sittings_of

__all__ = [
    "adopt_staff",
    "assign_duty",
    "begin_absence",
    "change_account",
    "choose_role",
    "close_account",
    "confirm_role",
    "cover_duty",
    "create_account",
    "drop_staff",
    "end_duty",
    "end_sittings",
    "end_sittings_of",
    "give_role",
    "hand_over",
    "import_people",
    "issue_password",
    "keep_organisation",
    "lift_factors",
    "propose_staff",
    "read_message",
    "send_message",
    "take_role",
]
