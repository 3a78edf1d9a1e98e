"""The post the pages of the screens are tried on."""

from __future__ import annotations

import pytest

from tests.dispatch.post import Post, open_post
from tests.town import Town


@pytest.fixture
def post(town: Town) -> Post:
    """The model town with roads, three units on duty and their crews."""
    return open_post(town)
