"""A page's names against those of the shell around it."""

from __future__ import annotations

from typing import Any

from django.template import Context, RequestContext


class ShellNameCovered(AssertionError):
    """A page uses for its own matter a name the shell reads."""


def refuse_covered(context: Context, **_: Any) -> None:
    """At each rendered template: raise ShellNameCovered if the page gives a context processor's name to a thing of another kind.

    The same kind is a choice: the wall is dark unless the person chose otherwise.
    """
    if not isinstance(context, RequestContext) or not hasattr(context, "_processors_index"):
        return
    shells = context._processors_index
    for own in context.dicts[shells + 1 : shells + 3]:  # the page's; what lies above is a template's own {% with %}
        covered = [
            name for name, said in context.dicts[shells].items() if name in own and type(own[name]) is not type(said)
        ]
        if covered:
            raise ShellNameCovered(f"{context.template_name}: {covered}")
