"""The model that advises: what it knows of itself, how it does here, and what another would change."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from jiean.engine.triage.model import BadModel, Model
from jiean.intake import commands, lessons
from jiean.intake.access import Can
from jiean.intake.advice import model_in_use
from jiean.intake.pages.desk import DESK
from jiean.intake.words import body_names
from jiean.kernel.access import allow, holds
from jiean.kernel.actor import Role
from jiean.kernel.errors import NotFound
from jiean.kernel.http import actor_of, door
from jiean.people.queries import destinations

MOST_VERSIONS = 5


@door(*DESK)
@require_GET
def models(request: HttpRequest) -> HttpResponseBase:
    """The model in use, the newest ones kept, and the drift; a version in the address is looked at."""
    actor = actor_of(request)
    allow(Can.SEE_MODELS, actor)
    names = body_names({body.code: body.name for body in destinations()}) | {lessons.A_PERSON: str(_("由人决定"))}
    kept, now = lessons.versions()[:MOST_VERSIONS], model_in_use()
    looked = _looked_at(request.GET.get("version", "")[:40], now)
    context = {
        "now": now, "kept": kept, "model": looked, "is_now": bool(now and looked and now.version == looked.version),
        "weeks": lessons.drift(), "may_choose": holds(Can.CHOOSE_MODEL, actor), **_told(looked, now, names),
    }  # fmt: skip
    return render(request, "intake/models.html", context)


def _looked_at(version: str, now: Model | None) -> Model | None:
    """The version asked for, else the one in use, else the newest. Raises NotFound."""
    if not version and now is not None:
        return now
    try:
        return lessons.kept_model(version)
    except LookupError:
        if version:
            raise NotFound from None
        return None
    except BadModel:
        raise NotFound from None


def _told(model: Model | None, now: Model | None, names: dict[str, str]) -> dict[str, Any]:
    if model is None:
        return {}
    changes = None if now is not None and now.version == model.version else lessons.changes(model)
    return {
        "figures": {name: 100 * value for name, value in model.card.figures.items()},
        "labels": [(names.get(row.label, row.label), row) for row in lessons.by_label(model)],
        "changes": changes,
        "change_rows": [
            (names.get(old, old), names.get(new, new), count) for old, new, count in (changes.rows if changes else ())
        ],
    }


@door(Role.COMMANDER)
@require_POST
def choose_model(request: HttpRequest) -> HttpResponseBase:
    """Put a model in use, or go one step back."""
    actor, version = actor_of(request), request.POST.get("version", "")[:40]
    if version:
        commands.use_model(actor, version)
        messages.success(request, _("已启用。不合适可以退回一步。"))
    else:
        commands.step_back(actor)
        messages.success(request, _("已退回一步。"))
    return redirect("intake:models")
