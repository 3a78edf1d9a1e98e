"""A paper on the screen, as a file, under a signature; and the check of a printed one."""

from __future__ import annotations

import base64
import binascii

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jiean.disputes.access import Can
from jiean.disputes.commands import sign_paper
from jiean.disputes.models import Dispute, Signature
from jiean.disputes.pages.dispute import STAFF
from jiean.disputes.pages.forms import SignForm
from jiean.disputes.pages.proof import proved
from jiean.disputes.papers import as_docx, as_pdf
from jiean.disputes.queries import PaperView, checked_paper, own_paper, paper_view, token_of
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Invalid, NotFound
from jiean.kernel.http import actor_of, attempt, door, public_door
from jiean.kernel.pictures import BYTES_LIMIT

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_DRAWN = "data:image/png;base64,"


@door(*STAFF)
@require_GET
@never_cache
def paper(request: HttpRequest, dispute_id: int, paper_id: int) -> HttpResponseBase:
    """A paper as it will be printed, who has signed, and where the others sign."""
    return _shown(request, dispute_id, paper_id)


def _shown(request: HttpRequest, dispute_id: int, paper_id: int, refused: SignForm | None = None) -> HttpResponseBase:
    actor = actor_of(request)
    view = paper_view(actor, dispute_id, paper_id)
    may_sign = visible(Can.ISSUE, actor, Dispute).filter(pk=dispute_id).exists()
    places = [
        (place, view.signatures.get(place.party_id), _picture(view, place.party_id), _form(place.party_id, refused))
        for place in view.sheet.signs
        if place.party_id is not None or _is_mediator(actor, view) or place.party_id in view.signatures
    ]
    context = {"view": view, "sheet": view.sheet, "dispute": view.paper.dispute, "places": places, "may_sign": may_sign}
    return render(request, "disputes/paper.html", context, status=422 if refused else 200)


def _is_mediator(actor: Actor, view: PaperView) -> bool:
    return view.paper.dispute.mediator_id == actor.account_id


def _picture(view: PaperView, party_id: int | None) -> str:
    kept = view.pictures.get(party_id)
    return f"data:image/jpeg;base64,{base64.b64encode(kept).decode()}" if kept else ""


def _form(party_id: int | None, refused: SignForm | None) -> SignForm:
    if refused is not None and refused.cleaned_data.get("party_id") == party_id:
        return refused
    return SignForm(initial={"party_id": party_id}, auto_id=f"sign_{party_id or 0}_%s")


@door(*STAFF)
@require_POST
def sign(request: HttpRequest, dispute_id: int, paper_id: int) -> HttpResponseBase:
    """Keep a signature; what is refused comes back beside its place."""
    form = SignForm(request.POST, request.FILES, auto_id="sign_again_%s")
    if form.is_valid() and attempt(form, lambda: _signed(request, dispute_id, paper_id, form)) is not None:
        messages.success(request, _("签名已保存。"))
        return redirect("disputes:paper", dispute_id, paper_id)
    return _shown(request, dispute_id, paper_id, form)


def _signed(request: HttpRequest, dispute_id: int, paper_id: int, form: SignForm) -> Signature:
    given, actor = form.cleaned_data, actor_of(request)
    if not visible(Can.ISSUE, actor, Dispute).filter(pk=dispute_id, papers=paper_id).exists():
        raise NotFound
    drawn = _drawn(given["drawn"])
    picture = drawn or (given["picture"].read(BYTES_LIMIT + 1) if given["picture"] else b"")
    if not picture:
        raise Invalid(picture=_("请在框里签名，或者上传一张签名的照片。"))
    return sign_paper(
        actor, paper_id, picture, manner=Signature.Manner.DRAWN if drawn else Signature.Manner.PHOTO,
        party_id=given["party_id"], place_words=given["place_words"],
    )  # fmt: skip


def _drawn(words: str) -> bytes:
    """The picture of a data address; nothing where it is none, which the picture's own check then says."""
    try:
        return base64.b64decode(words.removeprefix(_DRAWN), validate=True) if words.startswith(_DRAWN) else b""
    except binascii.Error:
        return b""


@door(*STAFF)
@require_GET
@never_cache
def paper_file(request: HttpRequest, dispute_id: int, paper_id: int, form: str) -> HttpResponseBase:
    """The paper as ``pdf`` to print or ``docx`` to edit."""
    view = paper_view(actor_of(request), dispute_id, paper_id)
    if form == "docx":
        return _file(as_docx(view.sheet), DOCX, view, form)
    if form != "pdf":
        raise NotFound
    return _file(_pdf(request, view), PDF, view, form)


def _pdf(request: HttpRequest, view: PaperView) -> bytes:
    address = request.build_absolute_uri(reverse("disputes:check", args=[token_of(view.paper)]))
    return as_pdf(view.sheet, address=address, digest=view.paper.digest, signed=view.pictures)


def _file(content: bytes, kind: str, view: PaperView, form: str) -> HttpResponse:
    one = view.paper
    name = f"{one.kind}-{one.year}-{one.serial}-{one.edition}.{form}"
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@public_door
@require_GET
@never_cache
def own_file(request: HttpRequest, number: str, paper_id: int) -> HttpResponseBase:
    """A party's own copy."""
    view = own_paper(proved(request, number), paper_id)
    return _file(_pdf(request, view), PDF, view, "pdf")


@public_door
@require_GET
@never_cache
def check(request: HttpRequest, token: str) -> HttpResponseBase:
    """What a printed paper's code says: that it is ours, and whether a newer edition stands. No names."""
    return render(request, "disputes/check.html", {"check": checked_paper(token)})
