"""What dispatch's own doors cost, with twenty incidents open and two orders out."""

import pytest

from jiean.dispatch.commands import assign_unit
from tests.budget import budgets, keeps
from tests.dispatch.post import Post


@pytest.mark.parametrize(("path", "most"), budgets(__file__).items())
def test_a_door_keeps_its_budget(post: Post, path: str, most: int) -> None:
    incidents = [post.incident(place_words=str(number)) for number in range(20)]
    for incident, sign in zip(incidents, ("P-01", "PTU-1"), strict=False):
        assign_unit(post.town.dispatcher, incident.pk, post.units[sign].pk)
    keeps(post.town.browser("chenxiao"), path.format(incident=incidents[0].pk, unit=post.units["P-02"].pk), most)
