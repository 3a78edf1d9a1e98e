"""Signing in with a passkey: added after the password was given, used without it. The key is Chromium's virtual one."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from playwright.sync_api import Browser, Page, expect

from jiean.people.models import Account
from tests.browser.conftest import PHONE, Web
from tests.dispatch.post import Post
from tests.town import PASSWORD

pytestmark = pytest.mark.browser


def with_virtual_key(page: Page) -> Any:
    """Give the page's browser an authenticator inside the device, whose owner is always recognised."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    authenticator = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    return lambda: session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]


def test_a_passkey_is_added_and_signs_in_without_a_password(browser: Browser, web: Web, live_post: Post) -> None:
    known = ScryptPasswordHasher().encode(PASSWORD, "salt")  # tests hash cheaply, the web process as a station does
    Account.objects.filter(username="liwei").update(password=known)
    origin = web.url.replace("127.0.0.1", "localhost")  # keys are bound to names, not to addresses
    context = browser.new_context(base_url=origin, viewport={"width": PHONE[0], "height": PHONE[1]})
    context.add_cookies([{"name": "language", "value": "zh-hans", "url": origin}])
    page = context.new_page()
    credentials = with_virtual_key(page)

    page.goto("/accounts/login/")
    page.fill("#id_login", "liwei")
    page.fill("#id_password", PASSWORD)
    page.click("form.form button[type=submit]")
    page.wait_for_url("**/my")
    page.goto("/accounts/2fa/webauthn/add/")
    page.fill("#id_password", PASSWORD)  # asked once more before a key is added
    page.click("form.form button[type=submit]")
    page.fill("[name=name]", "我的手机")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/2fa/recovery-codes/")
    kept = credentials()
    assert [(key["isResidentCredential"], key["rpId"]) for key in kept] == [(True, "localhost")]
    page.goto("/accounts/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("我的手机")

    page.goto("/accounts/logout/")
    page.click("main form button.button-main")
    page.wait_for_url(f"{origin}/")
    page.goto("/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url("**/my")
    expect(page.locator("h1")).to_have_text("李卫")
    context.close()
