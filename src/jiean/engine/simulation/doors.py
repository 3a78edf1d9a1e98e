"""Where many plays of the twin are carried out: in this process, in several, or on a cluster. The numbers are the same.

A play's chance comes from its own seed alone, so it does not matter where it is played, nor in which order they end.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from typing import Any

from jiean.engine.simulation.errors import SimulationError

Play = Callable[..., Any]
Door = Callable[[Play, tuple[Any, ...], Sequence[Any]], list[Any]]
"""A play, what all plays share, and what each is given besides: answers in the order given."""

LOCAL = "local"
STORE_BYTES = 80 * 2**20
"""Shared memory of a cluster on this machine: a town's travel times, and no more than a small container has."""


def here(play: Play, shared: tuple[Any, ...], each: Sequence[Any]) -> list[Any]:
    """One after another, in this process."""
    return [play(*shared, one) for one in each]


def processes(jobs: int) -> Door:
    """So many processes of this machine (joblib); 1 plays them here. Raises SimulationError for fewer than one."""
    if jobs < 1:
        raise SimulationError(f"{jobs} processes are asked; one or more are needed.")

    def go(play: Play, shared: tuple[Any, ...], each: Sequence[Any]) -> list[Any]:
        from joblib import Parallel, delayed  # noqa: PLC0415 — slow to load, and only sweeps need it

        found: list[Any] = Parallel(n_jobs=jobs)(delayed(play)(*shared, one) for one in each)
        return found

    return go


def cluster(address: str = LOCAL, jobs: int = 1) -> Door:
    """A Ray cluster: the one at `address`, or one begun on this machine with `jobs` processors and ended afterwards.

    The nodes need this program of the same version. Raises SimulationError where Ray is not installed or does not answer.
    """
    if jobs < 1:
        raise SimulationError(f"{jobs} processes are asked; one or more are needed.")

    def go(play: Play, shared: tuple[Any, ...], each: Sequence[Any]) -> list[Any]:
        ray = _joined(address, jobs)
        try:
            common = [ray.put(one) for one in shared]  # sent once, not with every play
            found: list[Any] = ray.get([ray.remote(play).remote(*common, one) for one in each])
        except ray.exceptions.RayTaskError as fault:
            raise (fault.cause if isinstance(fault.cause, SimulationError) else fault) from None
        finally:
            ray.shutdown()
        return found

    return go


def _joined(address: str, jobs: int) -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody outside
    try:
        import ray  # noqa: PLC0415 — an extra that most stations do without
    except ImportError as fault:
        raise SimulationError("Ray is not installed: it comes with the extra `cluster` (jiean[cluster]).") from fault
    own: dict[str, Any] = {"num_cpus": jobs, "include_dashboard": False, "object_store_memory": STORE_BYTES}
    try:
        ray.init(
            address=address, log_to_driver=False, logging_level=logging.ERROR, ignore_reinit_error=True,
            **(own if address == LOCAL else {}),
        )  # fmt: skip
    except (ConnectionError, RuntimeError, ValueError, OSError) as fault:
        raise SimulationError(
            f"The cluster at {address!r} does not answer ({type(fault).__name__}: {fault})."
        ) from fault
    return ray
