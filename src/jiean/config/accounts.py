"""How allauth is bent to a station: no self-registration, accounts come from the office."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffOnly(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by the station's office; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail is not a channel of this system; a forgotten password is reset at the office."""

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """On to the work: a password the office gave lets nobody in before it is changed."""
        return "/role"
