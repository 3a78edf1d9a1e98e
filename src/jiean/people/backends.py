"""The sign-in backend: an account is read together with what it holds, so that a request needs one statement for its actor."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from jiean.kernel import clocks
from jiean.people.queries import accounts_to_act


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]
    """Username and password by allauth; the account of a session comes with ``held_roles`` and ``held_cells``."""

    def authenticate(self, request: Any, **credentials: Any) -> Any:
        """The account of name and password; none for one the office gave and nobody changed in time."""
        found: Any = super().authenticate(request, **credentials)
        return None if found is not None and found.is_password_spent else found

    def get_user(self, user_id: Any) -> Any:
        return next(iter(accounts_to_act([user_id], clocks.now())), None)
