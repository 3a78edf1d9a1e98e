"""The law's pages: a question, and one article."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jiean.kernel import clocks
from jiean.kernel.http import actor_of, public_door
from jiean.law import queries

MOST_SIGNS = 200


@public_door
def ask(request: HttpRequest) -> HttpResponse:
    """Articles for a question in plain words."""
    actor = actor_of(request)
    question = "".join(sign if sign.isprintable() else " " for sign in request.GET.get("q", "")[:MOST_SIGNS]).strip()
    today = clocks.local_day(clocks.now())
    found = queries.answers(actor, question, on=today) if question else []
    context = {"question": question, "answers": found, "holding": queries.holding(actor)}
    return render(request, "law/ask.html", context)


@public_door
def article(request: HttpRequest, article_id: int) -> HttpResponse:
    """One article with its time limits."""
    whole = queries.article(actor_of(request), article_id)
    ended = whole.statute.ended_on is not None and whole.statute.ended_on <= clocks.local_day(clocks.now())
    return render(request, "law/article.html", {"whole": whole, "ended": ended})
