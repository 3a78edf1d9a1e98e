"""Many boards at once: how long one event takes to reach them, and what a connected board costs."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass

import psycopg

from bench.client import AGENT, Login, median
from bench.station import Bench

HELLO = b"event: hello"
PROBE = "INSERT INTO kernel_event (name, subject_id, account_ids, data) VALUES (%s, %s, '[]', '{}')"


@dataclass(frozen=True, slots=True)
class Fanout:
    """Milliseconds from commit until so many clients had the event, and memory for each client."""

    clients: int
    first_ms: float
    median_ms: float
    last_ms: float
    kb_per_client: float


class Board:
    """One connected client that notes when the awaited event came."""

    def __init__(self) -> None:
        self.came: dict[int, float] = {}
        self.ready = asyncio.Event()

    async def listen(self, port: int, login: Login) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: {AGENT}\r\nCookie: {login.cookie}\r\n\r\n".encode()
        )
        try:
            while line := await reader.readline():
                if line.startswith(HELLO):
                    self.ready.set()
                elif found := re.match(rb'data: \{"id":(9\d{8}),', line):
                    self.came[int(found[1])] = time.perf_counter()
        finally:
            writer.close()


def fan_out(bench: Bench, login: Login, event_name: str, *, clients: int, events: int = 5) -> Fanout:
    """Connect the boards, insert events as a deed's transaction would, and wait for them everywhere."""
    return asyncio.run(_fan_out(bench, login, event_name, clients, events))


async def _fan_out(bench: Bench, login: Login, event_name: str, clients: int, events: int) -> Fanout:
    before = bench.memory_mb()["web"]
    boards = [Board() for _ in range(clients)]
    tasks = []
    for start in range(0, clients, 100):
        part = boards[start : start + 100]
        tasks += [asyncio.create_task(board.listen(bench.port, login)) for board in part]
        await asyncio.gather(*(asyncio.wait_for(board.ready.wait(), 60) for board in part))
    used = bench.memory_mb()["web"] - before
    delays = []
    async with await psycopg.AsyncConnection.connect(bench.owner_url, autocommit=True) as db:
        for number in range(900_000_000, 900_000_000 + events):
            await db.execute(PROBE, [event_name, number])
            committed = time.perf_counter()
            async with asyncio.timeout(60):
                while not all(number in board.came for board in boards):
                    await asyncio.sleep(0.02)
            delays.append(sorted(1000 * (board.came[number] - committed) for board in boards))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    middle = delays[len(delays) // 2]
    return Fanout(clients, middle[0], median(middle), middle[-1], used * 1024 / clients)
