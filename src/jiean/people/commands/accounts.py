"""Accounts: made, changed, given a password, closed. One person, one account; it is closed, never deleted."""

from __future__ import annotations

import re

from allauth.mfa.models import Authenticator
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from jiean.kernel import clocks
from jiean.kernel.access import admit, demand_proof, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid
from jiean.kernel.events import announce
from jiean.kernel.pinyin import search_key
from jiean.kernel.text import clean
from jiean.kernel.workflow import change
from jiean.people.access import Can
from jiean.people.events import RolesChanged
from jiean.people.models import Account, Duty, RoleHolding, Sitting

USERNAME = re.compile(r"[\w.@+-]{2,40}")
PHONE = re.compile(r"\+?[0-9 -]{5,20}")
PASSWORD_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
PASSWORD_LENGTH = 12


@command
def create_account(
    actor: Actor,
    username: str,
    name: str,
    *,
    password: str = "",
    phone: str = "",
    organisation_id: int | None = None,
) -> Account:
    """Make an account; without a password nobody can sign in to it yet. Raises Forbidden, Invalid."""
    if not USERNAME.fullmatch(username):
        raise Invalid(username=_("用户名只能用 2 到 40 个字母、数字和 _ . @ + -。"))
    if Account.objects.filter(username=username).exists():
        raise Invalid(username=_("这个用户名已经有账号了。"))
    name = clean(name, 40, field="name", required=True)
    account = Account(username=username, name=name, pinyin=search_key(name), phone=_phone(phone))
    account.organisation_id = organisation_id
    account.set_password(password or None)
    account.save(force_insert=True)
    return admit(Can.KEEP_ACCOUNTS, actor, account)


@command
def change_account(
    actor: Actor,
    account_id: int,
    *,
    name: str,
    phone: str = "",
    organisation_id: int | None = None,
    version: int | None = None,
) -> Account:
    """Correct a name, a work telephone, a body. Raises NotFound, Conflict, Invalid."""
    account = fetch(Can.KEEP_ACCOUNTS, actor, Account, account_id, version=version)
    name = clean(name, 40, field="name", required=True)
    change(account, name=name, pinyin=search_key(name), phone=_phone(phone), organisation_id=organisation_id)
    return account


@command
def issue_password(actor: Actor, account_id: int) -> str:
    """Set a new random password and return it, to be shown once; running sessions end, and it lets in only to be changed.

    Raises NotFound, ProveYourself.
    """
    demand_proof(actor)
    account = fetch(Can.KEEP_ACCOUNTS, actor, Account, account_id)
    password = get_random_string(PASSWORD_LENGTH, PASSWORD_SIGNS)
    account.set_password(password)
    change(account, password=account.password, password_issued_at=clocks.now())
    Sitting.objects.filter(account=account).delete()
    return password


@command
def lift_factors(actor: Actor, account_id: int) -> Account:
    """Take away every second factor of somebody who lost them all and stands before the actor with their papers.

    Running sessions end; the next sign-in is by password, and nothing sensitive opens until a new factor is set up.
    Raises NotFound, ProveYourself, Invalid where there is none.
    """
    demand_proof(actor)
    account = fetch(Can.LIFT_FACTORS, actor, Account, account_id)
    if not Authenticator.objects.filter(user=account).delete()[0]:
        raise Invalid(_("这个账号没有第二种验证方式。"))
    Sitting.objects.filter(account=account).delete()
    return account


@command
def close_account(actor: Actor, account_id: int) -> Account:
    """End an account with its roles and duties as of now; its sessions are over with it. Raises NotFound."""
    account = fetch(Can.KEEP_ACCOUNTS, actor, Account, account_id)
    change(account, is_active=False)
    for model in (RoleHolding, Duty):
        model._default_manager.filter(account=account, until__isnull=True).update(until=clocks.now())
    Sitting.objects.filter(account=account).delete()
    announce(RolesChanged(account.pk))
    return account


def _phone(words: str) -> str:
    words = words.strip()
    if words and not PHONE.fullmatch(words):
        raise Invalid(phone=_("电话号码格式不对。"))
    return words
