"""Who stands at the door: read afresh for each request, in the role chosen for the session."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.test import RequestFactory

from jiean.kernel.actor import Actor, Role
from jiean.people.commands import close_account, give_role, issue_password, take_role
from jiean.people.models import Sitting
from jiean.people.sessions import ROLE_KEY, actor_at_the_door, actors_of
from jiean.people.store import SessionStore
from tests.town import SYSTEM, Town


def at_the_door(town: Town, username: str, django_assert_num_queries: Any, **session: str) -> Actor:
    """The actor of a fresh request with the person's session."""
    browser = town.browser(username)
    if session:
        kept = browser.session
        kept.update(session)
        kept.save()
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in browser.cookies.items()}
    SessionMiddleware(lambda _: None).process_request(request)
    AuthenticationMiddleware(lambda _: None).process_request(request)
    with django_assert_num_queries(2):
        return actor_at_the_door(request)


def test_two_statements_make_an_actor(town: Town, django_assert_num_queries: Any) -> None:
    actor = at_the_door(town, "wangxm", django_assert_num_queries)
    assert actor == town.market_officer
    assert actor.cell_ids == {town.cells["SJ-001"].pk}


def test_the_session_says_which_of_several_roles(town: Town, django_assert_num_queries: Any) -> None:
    officer = town.accounts["wangxm"].pk
    give_role(SYSTEM, officer, Role.MEDIATOR)
    none_chosen = at_the_door(town, "wangxm", django_assert_num_queries)
    assert (none_chosen.role, none_chosen.account_id, none_chosen.cell_ids) == (Role.PUBLIC, officer, frozenset())
    chosen = at_the_door(town, "wangxm", django_assert_num_queries, **{ROLE_KEY: "MED"})
    assert chosen.role == Role.MEDIATOR
    forged = at_the_door(town, "wangxm", django_assert_num_queries, **{ROLE_KEY: "CMD"})
    assert forged.role == Role.PUBLIC


def test_live_streams_lose_actors_with_their_reason(town: Town, django_assert_num_queries: Any) -> None:
    keys = {name: town.browser(name).session.session_key for name in ("wangxm", "liwei", "zhouping", "chenxiao")}
    with django_assert_num_queries(2):
        found = actors_of([*keys.values(), "unknown"])
    assert {actor.name for actor in found.values()} == {"王小明", "李卫", "周平", "陈晓"}
    take_role(SYSTEM, town.accounts["wangxm"].pk, Role.OFFICER)
    close_account(SYSTEM, town.accounts["liwei"].pk)
    issue_password(SYSTEM, town.accounts["zhouping"].pk)
    Sitting.objects.get(pk=keys["chenxiao"]).delete()
    left = actors_of(list(keys.values()))
    assert {key: actor.role for key, actor in left.items()} == {keys["wangxm"]: Role.PUBLIC}


@pytest.mark.django_db
def test_a_visitor_costs_nothing(django_assert_num_queries: Any) -> None:
    request = RequestFactory().get("/")
    request.session = SessionStore()
    with django_assert_num_queries(0):
        assert actor_at_the_door(request) == Actor.public()
