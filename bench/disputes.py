"""``uv run bench/disputes.py [--rows 200000] [--data-dir DIR]``: the desk, the overview, a dispute's page, the search and a paper.

Rows and the marks of their words are written straight into the tables (no deed could make so many in an hour) in a throw-away
database, or one that is kept; what is measured are the room's own queries, pages asked through Django and the printing of a paper,
each after one warming call. Printed: statements, p50, p95 and p99 in milliseconds over ``REPEATS`` calls, each p99 as a ratio to
one empty statement of the same run, and the machine's load.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.search import WORDS, Marks, ground, home_of, opened, told

REPEATS = 60

FILL = """
INSERT INTO disputes_dispute (created_at, updated_at, version, number, kind, level, manner, police_ground, state, channel, facts,
    place_words, desk_id, mediator_id, is_open, address_hidden, joined_from_state, refusals, needs_ruling, outcome, way, reopened_count,
    registered_at, accepted_at, ended_at, due_at, due_code, reminded, before_call,
    cell_id)
SELECT at, at, 1, 'X' || n, (ARRAY['neighbours','labour','rental','consumer','debt','family'])[1 + n %% 6], 'cell', 'people', '',
    s.state, 'phone', aside.text, '', %(desk)s,
    CASE WHEN n %% 3300 = 0 THEN %(mediator)s ELSE 1000000 + n %% 40 END,
    false, false, '', 0, false, s.outcome, '', 0, at, at, CASE WHEN s.outcome = '' THEN NULL ELSE at + interval '9 days' END,
    CASE WHEN s.live THEN at + interval '30 days' END, CASE WHEN s.live THEN 'disputes.mediate' ELSE '' END, '', false, c.id
FROM aside, LATERAL (SELECT aside.id AS n) counted
CROSS JOIN LATERAL (SELECT now() - make_interval(mins => ((%(rows)s - n) * 5)::int) AS at) moment
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM grid_cell) c ON c.place = n %% 250
JOIN LATERAL (SELECT * FROM (VALUES (0, 'MEDIATING', '', true), (1, 'SETTLED', 'settled', true), (2, 'CLOSED', 'settled', false),
    (3, 'CLOSED', 'failed', false), (4, 'WITHDRAWN', 'withdrawn', false)) v (k, state, outcome, live)
    WHERE k = CASE WHEN n %% 40 = 0 THEN 0 WHEN n %% 40 = 1 THEN 1 ELSE 2 + n %% 3 END) s ON true
"""


def load(rows: int, mediator: int) -> None:
    """Disputes, the marks of their words, and the counts their table keeps."""
    from django.db import connection  # noqa: PLC0415

    from jiean.people.models import Organisation  # noqa: PLC0415

    ground()
    marks, chance = Marks("dispute"), np.random.default_rng(7)
    desk = Organisation.objects.get(code="mediation").pk
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE aside (id bigint, text text, marks integer[])")
        with cursor.copy("COPY aside FROM STDIN") as out:
            for number, words in enumerate(told(rows, chance), start=1):
                out.write_row((number, "，".join(words), marks.of(words)))
        cursor.execute(FILL, {"rows": rows, "desk": desk, "mediator": mediator})
        cursor.execute("DROP INDEX vault_words")
        cursor.execute(
            "INSERT INTO vault_wordmarks (matter_kind, matter_id, marks) SELECT 'dispute', d.id, a.marks"
            " FROM aside a JOIN disputes_dispute d ON d.number = 'X' || a.id ORDER BY d.id"
        )
        cursor.execute(
            "CREATE INDEX vault_words ON vault_wordmarks USING gin (marks) WITH (gin_pending_list_limit = 1024)"
        )
        cursor.execute("DROP TABLE aside")
        cursor.execute("VACUUM ANALYZE")


def staff(many: int) -> list[int]:
    """A commander, and so many registered mediators of the committee; their accounts."""
    from jiean.disputes.models import Dialect, Kind, Profile  # noqa: PLC0415
    from jiean.kernel import clocks  # noqa: PLC0415
    from jiean.kernel.actor import Role  # noqa: PLC0415
    from jiean.people.models import Account, Organisation, RoleHolding  # noqa: PLC0415

    body, at = Organisation.objects.get(code="mediation"), clocks.now() - dt.timedelta(days=400)
    people = Account.objects.bulk_create(
        Account(username=f"m{n}", name=f"调解{n}", organisation=body if n else None) for n in range(many + 1)
    )
    RoleHolding.objects.bulk_create(
        RoleHolding(account=one, role=Role.MEDIATOR if n else Role.COMMANDER, since=at, confirmed_at=at)
        for n, one in enumerate(people)
    )
    Profile.objects.bulk_create(
        Profile(account_id=one.pk, dialects=[Dialect.values[n % len(Dialect.values)]], kinds=[Kind.values[n % len(Kind.values)]])
        for n, one in enumerate(people[1:])
    )  # fmt: skip
    return [one.pk for one in people]


def whole(mediator: int) -> dict[str, int]:
    """One dispute that waits for its mediator, and one settled, with an agreement on paper: brought there by deeds."""
    from jiean.disputes import commands  # noqa: PLC0415
    from jiean.disputes.commands import Side, Terms  # noqa: PLC0415
    from jiean.disputes.models import Kind, Leg, PaperKind, Party  # noqa: PLC0415
    from jiean.kernel import clocks  # noqa: PLC0415
    from jiean.kernel.actor import Actor, Role  # noqa: PLC0415
    from jiean.people.models import Organisation  # noqa: PLC0415

    system, made = Actor.system(), []
    body = Organisation.objects.get(code="mediation").pk
    sides = (Side(Party.Standing.APPLICANT, name="甘泉生"), Side(Party.Standing.RESPONDENT, name="穆晚晴"))
    for _one in range(2):
        row = commands.register_dispute(system, kind=Kind.NEIGHBOURS, facts="楼上水管漏水，泡了楼下的顶", sides=sides)
        leg = commands.divert_dispute(system, row.pk, body)
        commands.answer_leg(system, leg.pk, state=Leg.State.ACCEPTED)
        made.append(row.pk)
    commands.assign_mediator(system, made[1], mediator)
    commands.begin_mediation(system, made[1], agreed=True)
    day = clocks.local_day(clocks.now()) + dt.timedelta(days=9)
    commands.settle_dispute(system, made[1], Terms("漏水泡了顶", "楼上负责", "赔八千元", "转账一次付清", day))
    own = Actor(Role.MEDIATOR, account_id=mediator, organisation_id=body)
    paper = commands.issue_paper(own, made[1], PaperKind.AGREEMENT)
    return {"waiting": made[0], "settled": made[1], "paper": paper.pk}


def timed(run: Callable[[], Any]) -> dict[str, float]:
    """Statements of one call, and its p50 and p99 over ``REPEATS`` calls."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    run()
    with CaptureQueriesContext(connection) as statements:
        run()
    asked = len(statements)  # read now: the next request empties the log
    spent = []
    for _call in range(REPEATS):
        began = time.perf_counter()
        run()
        spent.append(1000 * (time.perf_counter() - began))
    told = {f"p{share}_ms": round(float(np.percentile(spent, share)), 2) for share in (50, 95, 99)}
    return {"statements": asked, **told}


def questions(commander: int, mediator: int, known: dict[str, int]) -> dict[str, Callable[[], Any]]:
    """What is asked, by its name."""
    from jiean.disputes import queries  # noqa: PLC0415
    from jiean.disputes.queries import Filter  # noqa: PLC0415
    from jiean.kernel.actor import Actor, Role  # noqa: PLC0415

    one, all_of_it = Actor(Role.MEDIATOR, account_id=mediator), Actor(Role.COMMANDER, account_id=commander)
    asked: dict[str, Callable[[], Any]] = {
        "one empty statement (the reference)": nothing,
        "mediator's desk, own cases by clock": lambda: queries.listed(one, Filter()),
        "commander's list, all open": lambda: queries.listed(all_of_it, Filter()),
        "commander's list, late labour disputes": lambda: queries.listed(all_of_it, Filter(kind="labour", late=True)),
        "commander's list, closed, page 50": lambda: queries.listed(all_of_it, Filter(states=("CLOSED",)), page=50),
        "overview": lambda: queries.figures(all_of_it),
    }
    words = {f"open, {name}": Filter(words=said) for name, said in WORDS.items()}
    words |= {f"every, {name}": Filter(words=said, every=True) for name, said in WORDS.items()}
    words["every, a number"] = Filter(words="x150000", every=True)
    for name, chosen in words.items():
        asked[f"commander's search, {name}"] = lambda chosen=chosen: queries.listed(all_of_it, chosen)
        asked[f"mediator's search, {name}"] = lambda chosen=chosen: queries.listed(one, chosen)
    return asked | pages(commander, mediator, known)


def nothing() -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def pages(commander: int, mediator: int, known: dict[str, int]) -> dict[str, Callable[[], Any]]:
    """Whole pages, from the request to the last byte, by signed-in people."""
    from django.test import Client  # noqa: PLC0415

    from jiean.people.models import Account  # noqa: PLC0415

    def opens(pk: int, address: str) -> Callable[[], Any]:
        client = Client(headers={"accept-language": "zh-hans"})
        client.force_login(Account.objects.get(pk=pk), backend="jiean.people.backends.AccountBackend")

        def run() -> None:
            answer = client.get(address)
            assert answer.status_code == 200, (address, answer.status_code)

        return run

    settled = f"/disputes/{known['settled']}"
    return {
        "page: mediator's desk": opens(mediator, "/disputes"),
        "page: overview": opens(commander, "/disputes/overview"),
        "page: a settled dispute": opens(mediator, settled),
        "page: a dispute that waits for its mediator": opens(commander, f"/disputes/{known['waiting']}"),
        "page: what stands beside it": opens(commander, f"/disputes/{known['waiting']}/beside"),
        "an agreement as PDF": opens(mediator, f"{settled}/paper/{known['paper']}.pdf"),
    }


def known_of(home: Path, rows: int) -> dict[str, int]:
    """Load, unless this folder holds it already; who asks and what is opened."""
    loaded = home / "disputes.json"
    if not loaded.exists():
        commander, mediator, *_others = staff(40)
        load(rows, mediator)
        known = whole(mediator) | {"commander": commander, "mediator": mediator, "rows": rows}
        loaded.write_text(json.dumps(known), "utf-8")
    read: dict[str, int] = json.loads(loaded.read_text("utf-8"))
    return read


def ask(known: dict[str, int]) -> None:
    """Each question timed and printed, a line of JSON each."""
    empty = 0.0
    gc.collect()
    gc.freeze()  # as a web process does once it is warm (config/asgi.py)
    for name, run in questions(known["commander"], known["mediator"], known).items():
        line = timed(run)
        empty = empty or line["p99_ms"]
        line |= {"times_reference": round(line["p99_ms"] / empty, 1)}
        print(json.dumps({"rows": known["rows"], "asked": name} | line, ensure_ascii=False), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument(
        "--data-dir", type=Path, help="a folder of its own that is kept: loaded once, asked again and again"
    )
    asked = parser.parse_args()
    with home_of(asked.data_dir) as home:
        server = opened(home)
        try:
            ask(known_of(home, asked.rows))
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
