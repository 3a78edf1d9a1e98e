"""Second factors the tests hold in their hand."""

from __future__ import annotations

from allauth.mfa.totp.internal import auth as totp

from jiean.people.models import Account


def secret_of(account: Account) -> str:
    """Give an account an authenticator and return its secret."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(account, secret)
    return secret
