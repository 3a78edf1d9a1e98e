"""The doors of the staff room: choosing a role, one's sessions, the staff list, one person, the import."""

from jiean.people.pages.imports import preview, template, upload
from jiean.people.pages.roles import choose
from jiean.people.pages.sittings import sittings
from jiean.people.pages.staff import confirm, new_account, person_deed, person_page, staff_list

__all__ = [
    "choose",
    "confirm",
    "new_account",
    "person_deed",
    "person_page",
    "preview",
    "sittings",
    "staff_list",
    "template",
    "upload",
]
