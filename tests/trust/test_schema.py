"""T-FUZZ by the API's own document: every operation, and the walks its links lead along; `bench/fuzz.py --schema` makes many."""

from __future__ import annotations

import pytest
from bench.fuzz import town_with_matters
from bench.schema import Walker

from jiean.config.asgi import pages
from jiean.kernel.api import openapi_document

pytestmark = [pytest.mark.trust]
EXAMPLES, WALKS = 2, 4


@pytest.fixture
def walker(transactional_db: None) -> Walker:
    return Walker(pages, openapi_document(), town_with_matters(), seed=20261123)


def test_every_answer_is_as_documented_and_none_is_a_server_error(walker: Walker) -> None:
    for who in ("", "chenxiao"):
        walker.each(who, EXAMPLES)
    for who in ("", "chenxiao"):
        walker.walk(who, WALKS)
    assert walker.seen.found == {}
    assert walker.seen.walked > WALKS and {200, 201, 401, 404, 422} <= set(walker.seen.by_status), walker.seen
    plant = openapi_document()
    del plant["paths"]["/api/v1/units"]["get"]["responses"][401]
    planted = Walker(pages, plant, walker.town, seed=1)
    planted.each("", 1, path="/api/v1/units")
    assert len(planted.seen.found) == 1, "an answer the document does not know is found"
