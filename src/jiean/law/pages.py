"""The law's pages: a question, one article, and the staff's word on which article answered."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jiean.kernel import clocks
from jiean.kernel.http import actor_of, door, public_door
from jiean.law import queries
from jiean.law.access import TEACHERS
from jiean.law.commands import keep_lesson, take_back_lesson

MOST_SIGNS = 200
EXAMPLES = {
    "房东不退押金": _("房东不退押金"),
    "楼上半夜吵闹": _("楼上半夜吵闹"),
    "被狗咬了谁赔": _("被狗咬了谁赔"),
    "老板拖欠工资": _("老板拖欠工资"),
    "物业不管电梯": _("物业不管电梯"),
}
"""What is asked, in the law's language, and how the button says it in the reader's."""


@public_door
def ask(request: HttpRequest) -> HttpResponse:
    """Articles for a question in plain words. The question comes by POST: words people write stand in no address."""
    return _answered(request, _question(request))


def _question(request: HttpRequest) -> str:
    given = request.POST.get("example") or request.POST.get("q", "")
    return "".join(sign if sign.isprintable() else " " for sign in given[:MOST_SIGNS]).strip()


def _answered(request: HttpRequest, question: str) -> HttpResponse:
    actor = actor_of(request)
    today = clocks.local_day(clocks.now())
    found = queries.answers(actor, question, on=today) if question else []
    context = {
        "question": question,
        "answers": found,
        "holding": queries.holding(actor),
        "examples": EXAMPLES.items(),
        "may_teach": queries.may_teach(actor),
        "lessons": queries.lessons(actor, question),
    }
    return render(request, "law/ask.html", context)


@require_POST
@door(*TEACHERS)
def teach(request: HttpRequest, article_id: int) -> HttpResponse:
    """The article answered the question, or did not after all; the page again, which says so."""
    actor, question = actor_of(request), _question(request)
    before = queries.lessons(actor, question).get(article_id)
    if before is not None and "back" in request.POST:
        take_back_lesson(actor, before)
        messages.success(request, _("撤回了。"))
    elif before is None:
        keep_lesson(actor, article_id, question)
        messages.success(request, _("记下了，从明天起同样的问法会先找到这一条。"))
    return _answered(request, question)


@public_door
def article(request: HttpRequest, article_id: int) -> HttpResponse:
    """One article with its time limits."""
    whole = queries.article(actor_of(request), article_id)
    ended = whole.statute.ended_on is not None and whole.statute.ended_on <= clocks.local_day(clocks.now())
    return render(request, "law/article.html", {"whole": whole, "ended": ended})
