"""The models that advise: kept as they are fitted, put in use by a person, one step back by a person, all in the audit."""

from __future__ import annotations

import json

from django.utils.translation import gettext_lazy as _

from jiean.engine.triage.model import BadModel, Model, save
from jiean.intake import lessons
from jiean.intake.access import Can
from jiean.intake.advice import models_folder
from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Conflict, NotFound


@command
def use_model(actor: Actor, version: str) -> dict[str, str]:
    """Let a kept model advise from now on; the one before is remembered. Raises Forbidden, NotFound."""
    allow(Can.CHOOSE_MODEL, actor)
    try:
        chosen = lessons.kept_model(version).version
    except (LookupError, BadModel):
        raise NotFound from None
    now = lessons.in_use()
    before = now.get("version", "")
    _name({"version": chosen, "before": before if before != chosen else now.get("before", "")})
    return {"in use": chosen, "before": before}


@command
def step_back(actor: Actor) -> dict[str, str]:
    """One step back: to the model before, or to the rules alone. Raises Forbidden, Conflict, NotFound."""
    allow(Can.CHOOSE_MODEL, actor)
    now = lessons.in_use()
    if not now:
        raise Conflict(_("现在没有用模型，只有词表在提建议。"))
    before = now.get("before", "")
    if before:
        try:
            lessons.kept_model(before)
        except (LookupError, BadModel):
            raise NotFound from None
        _name({"version": before, "before": now["version"]})
    else:
        lessons.named().unlink()
    return {"in use": before, "before": now["version"]}


@command
def keep_model(actor: Actor, model: Model) -> str:
    """Keep a fitted model for a person to look at; its version. Nothing is put in use by it. Raises Forbidden, OSError."""
    allow(Can.TEACH, actor)
    save(model, models_folder() / model.version)
    return model.version


def _name(what: dict[str, str]) -> None:
    """Written whole and then moved, so that no reader finds half of it."""
    partial = lessons.named().with_suffix(".part")
    partial.write_text(json.dumps(what) + "\n", "utf-8")
    partial.replace(lessons.named())
