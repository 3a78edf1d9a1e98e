"""The page where somebody proves once more to be themselves and says what they look for, and goes back to where they were."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.models import Authenticator
from django import forms
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from jiean.kernel import clocks
from jiean.kernel.access import PURPOSE_KEY, has_proved
from jiean.kernel.actor import PERSONAL_ROLES, Actor
from jiean.kernel.http import actor_of, door, own_path
from jiean.vault.access import PURPOSES
from jiean.vault.purposes import Purpose

Kind = Authenticator.Type


class PurposeForm(forms.Form):
    """What for. Roles that open nobody's data are not asked."""

    purpose = forms.ChoiceField(label=_("为什么要看"), widget=forms.RadioSelect)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = PURPOSES.get(actor.role, frozenset())
        choices = [(one.value, one.label) for one in Purpose if one in mine]
        if choices:
            self.fields["purpose"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["purpose"]


class CodeForm(ReauthenticateForm):  # type: ignore[misc]
    """The six digits of the application, or a recovery code; allauth judges them, counts failures and keeps the proof."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


@door(*PERSONAL_ROLES)
@never_cache
def prove(request: HttpRequest) -> HttpResponseBase:
    """Ask for the purpose, and for the second factor where the last one is too old; ``next`` is where one was."""
    actor = actor_of(request)
    sent = request.method == "POST"
    after = own_path(request, request.POST.get("next") or request.GET.get("next", ""))
    means = set(Authenticator.objects.filter(user=actor.account_id).values_list("type", flat=True))
    fresh, by_key = has_proved(actor), sent and "key" in request.POST and Kind.WEBAUTHN in means
    purpose = PurposeForm(actor, request.POST if sent else None, initial={"purpose": actor.purpose})
    code = None if fresh or by_key or not means - {Kind.WEBAUTHN} else _code_form(request)
    if sent and (fresh or by_key or code) and _kept(request, purpose, code):
        return HttpResponseRedirect(_key_page(after) if by_key and not fresh else after)
    if code is not None and purpose.errors:
        code = CodeForm(user=request.user)  # to show a sent one would judge it, and a code counts once
    shown = {"purpose_form": purpose, "code_form": code, "fresh": fresh, "after": after}
    shown |= {"has_key": Kind.WEBAUTHN in means and not fresh, "has_none": not means and not fresh}
    return render(request, "vault/prove.html", shown, status=422 if sent else 200)


def _code_form(request: HttpRequest) -> CodeForm:
    return CodeForm(request.POST if request.method == "POST" else None, user=request.user)


def _key_page(after: str) -> str:
    return f"{reverse('mfa_reauthenticate_webauthn')}?next={quote(after)}"


def _kept(request: HttpRequest, purpose: PurposeForm, code: CodeForm | None) -> bool:
    """Keep purpose and proof in the session where both are right; the code is judged last, so that it is not spent for nothing."""
    if not purpose.is_valid() or (code is not None and not code.is_valid()):
        return False
    if code is not None:
        code.save()
        request.session.cycle_key()
    if "purpose" in purpose.fields:
        request.session[PURPOSE_KEY] = [purpose.cleaned_data["purpose"], clocks.now().timestamp()]
    return True
