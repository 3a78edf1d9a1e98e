"""Where a point lies is asked by many threads of one web process; GEOS must be asked by one at a time."""

from __future__ import annotations

import threading
from typing import Any

import shapely

from jiean.grid import queries
from tests.town import MARKET_AT, Town


class Watched:
    """A tree that tells, each time it is asked, whether another thread could have come in."""

    def __init__(self, tree: shapely.STRtree) -> None:
        self.tree, self.alone = tree, list[bool]()

    def query(self, *asked: Any) -> Any:
        self.alone.append(queries._asking.locked())
        return self.tree.query(*asked)


def test_the_tree_is_asked_by_one_thread_at_a_time(town: Town) -> None:
    assert queries.cell_at(*MARKET_AT) == town.cells["SJ-001"]
    kept = queries._kept
    assert kept is not None
    tree = Watched(kept.tree)
    ground, found = queries._Map(kept.stamp, kept.town, kept.cells, kept.outlines, tree), []
    threads = [threading.Thread(target=lambda: found.append(ground.cell_at(*MARKET_AT))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert tree.alone == [True] * 8
    assert found == [town.cells["SJ-001"]] * 8
    assert not queries._asking.locked()
