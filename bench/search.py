"""``uv run bench/search.py [--rows N] [--data-dir DIR]``: the search box over a million invented matters in a throw-away database.

Printed: p50 and p95 of whole questions by kind (marks made, index asked, rows read with the asker's scope, hits marked), size of
the index, reports indexed a second, and the same word looked for by ``LIKE`` over the texts as the reference.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from jiean.config.embedded import OWNER, Embedded

CELLS = 250
"""So that an officer holds 4,000 of a million."""
WORDS = {
    "frequent": "噪音",
    "frequent, two": "电梯 噪音",
    "middling": "鸽棚",
    "rare": "鳄鱼",
    "absent": "犀牛",
    "one sign": "鸽",
    "longer": "占用消防通道",
}
TYPED = {
    "number of a report": "X500000",
    "number of an incident": "4711",
    "pinyin initials": "ygxq",
    "name of a place": "阳光",
    "a whole question": "房东不退押金怎么办",
}
_COMMON = (
    "楼上噪音扰民",
    "半夜还在放音乐",
    "邻居吵架",
    "电梯坏了好几天",
    "占用消防通道",
    "车位被占",
    "垃圾没人清",
    "路灯不亮",
    "楼道堆放杂物",
    "下水道堵了",
    "房东不退押金",
    "拖欠工资",
    "遛狗不牵绳",
    "店门口摆摊",
    "施工扬尘",
    "水管漏水",
    "请尽快派人来看看",
    "已经反映过多次",
)
_SIGNS = "阳光明华安康福瑞景秀园林江河湖海山川东西南北中天地金银玉石青红白云风雨春夏秋冬花草竹梅兰菊松柏龙凤鹤燕"


def opened(home: Path) -> Embedded:
    """A server with a station's own settings (how much of the index lies in memory is part of every figure), our tables and a key."""
    server = Embedded(home)
    server.start()
    os.environ |= {
        "DATABASE_URL": server.url(OWNER),
        "JIEAN_DATA_DIR": str(home),
        "JIEAN_STATION_KEY_FILE": str(home / "station.key"),
        "DJANGO_SETTINGS_MODULE": "jiean.config.settings",
    }
    import django  # noqa: PLC0415 — the settings read the environment above

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from jiean.vault.keys import make_station_keys  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    if not (home / "station.key").exists():
        make_station_keys(home / "station.key")
    return server


def phrases(chance: np.random.Generator) -> list[str]:
    """Two thousand ways of naming a place."""
    pairs = chance.integers(0, len(_SIGNS), (2000, 3))
    return ["".join(_SIGNS[one] for one in row) + "小区" for row in pairs]


def told(rows: int, chance: np.random.Generator) -> Iterator[list[str]]:
    """The phrases of each matter: a place, five complaints (the first ones likelier), a door, and now and then a rare word."""
    places = phrases(chance)
    share = 1 / np.arange(2, len(_COMMON) + 2)
    share /= share.sum()
    for start in range(0, rows, 10_000):
        many = min(10_000, rows - start)
        said = chance.choice(len(_COMMON), (many, 5), p=share)
        where, door, luck = chance.integers(0, 2000, many), chance.integers(1, 3000, many), chance.random(many)
        for one in range(many):
            words = [places[where[one]], f"{door[one]}室", *(_COMMON[kind] for kind in said[one])]
            if luck[one] < 0.001:
                words.append("屋顶搭了鸽棚")
            elif luck[one] < 0.00101:
                words.append("看见一条鳄鱼")
            yield words


def load(rows: int) -> float:
    """Copy matters, their marks and telephones in; seconds the marks' index took to build."""
    from django.db import connection  # noqa: PLC0415

    from jiean.vault import crypto  # noqa: PLC0415
    from jiean.vault.keys import station_keys  # noqa: PLC0415
    from jiean.vault.masks import PHONE_END  # noqa: PLC0415

    ground()
    surroundings()
    chance, marks = np.random.default_rng(7), Marks()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE aside (id bigint, text text, marks integer[])")
        with cursor.copy("COPY aside FROM STDIN") as out:
            for number, words in enumerate(told(rows, chance), start=1):
                out.write_row((number, "，".join(words), marks.of(words)))
        ends = [crypto.digest(station_keys(), "reporter", PHONE_END, f"{end:04d}") for end in range(10_000)]
        cursor.execute("DROP INDEX vault_words; DROP INDEX vault_record_digests")
        others = ", ".join(column for column in _columns() if column not in _OWN)
        cursor.execute(
            f"INSERT INTO intake_report ({', '.join(_OWN)}, {others}) SELECT s.id, 'X' || s.id, s.text, c.id,"
            " CASE WHEN s.id > %s - 300 THEN 'NEW' ELSE 'CLOSED' END, now() - (%s - s.id) * interval '1 minute',"
            f" {', '.join('t.' + one for one in others.split(', '))} FROM aside s JOIN intake_report t ON t.number = 'B0'"
            " JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM grid_cell) c ON c.n = s.id %% %s ORDER BY s.id",
            [rows, rows, CELLS],
        )
        cursor.execute(
            "INSERT INTO vault_wordmarks (matter_kind, matter_id, marks) SELECT 'report', id, marks FROM aside"
        )
        cursor.execute(_TELEPHONES, [ends])
        cursor.execute("DROP TABLE aside")
        cursor.execute("CREATE INDEX vault_record_digests ON vault_sealedrecord USING gin (digests)")
        began = time.perf_counter()
        cursor.execute(
            "CREATE INDEX vault_words ON vault_wordmarks USING gin (marks) WITH (gin_pending_list_limit = 1024)"
        )
        took = time.perf_counter() - began
        cursor.execute("VACUUM ANALYZE")
    return took


_OWN = ("id", "number", "text", "cell_id", "state", "received_at")
_TELEPHONES = """
WITH key AS (
    INSERT INTO vault_matterkey (matter_kind, matter_id, key_id, wrapped, created_at, updated_at, version)
    VALUES ('report', 0, 'k1', '', now(), now(), 1) RETURNING id
)
INSERT INTO vault_sealedrecord
    (created_at, updated_at, version, matter_key_id, kind, matter_kind, matter_id, nonce, ciphertext, masked, digests)
SELECT now(), now(), 1, key.id, 'reporter', 'report', aside.id, '', '', '{"phone": "138****0000"}',
    ARRAY[(%s::varchar[])[1 + (aside.id * 7919) %% 10000]] FROM aside, key
"""


class Marks:
    """Marks of a matter from those of its phrases: no pair of signs reaches over the commas between them."""

    def __init__(self, kind: str = "report") -> None:
        self.kind = kind
        self.kept: dict[str, list[int]] = {}

    def of(self, words: Sequence[str]) -> list[int]:
        from jiean.vault.keys import station_keys  # noqa: PLC0415
        from jiean.vault.marks import marks_of  # noqa: PLC0415

        for one in words:
            if one not in self.kept:
                self.kept[one] = marks_of(station_keys(), self.kind, one)
        return sorted(set().union(*(self.kept[one] for one in words)))


def ground() -> None:
    """Cells, and one report the others are made after."""
    from jiean.grid.models import Cell, Community  # noqa: PLC0415
    from jiean.intake.models import Channel, Report  # noqa: PLC0415
    from jiean.kernel import clocks  # noqa: PLC0415

    part = Community.objects.create(code="1", name="社区")
    for number in range(CELLS):
        Cell.objects.create(code=f"C{number}", name=f"{number}号网格", community=part, boundary={}, lon=121, lat=31)
    Report.objects.create(pk=10**9, number="B0", text="。", channel=Channel.WEB, received_at=clocks.now())


def surroundings(places: int = 20_000, people: int = 300) -> None:
    """What else the box looks through: named places, staff, and the articles of the law with their ranker."""
    from jiean.grid.models import Cell, Premises  # noqa: PLC0415
    from jiean.kernel.actor import Actor  # noqa: PLC0415
    from jiean.kernel.pinyin import search_key  # noqa: PLC0415
    from jiean.law import finding  # noqa: PLC0415
    from jiean.law.commands import bring_statutes, keep_ranker  # noqa: PLC0415
    from jiean.law.edition import EDITION, KNOWN_ON, read  # noqa: PLC0415
    from jiean.people.models import Account  # noqa: PLC0415

    named = [(name, search_key(name)) for name in phrases(np.random.default_rng(8))]
    cells = list(Cell.objects.values_list("pk", flat=True))
    made = [(number, *named[number % len(named)]) for number in range(places)]
    Premises.objects.bulk_create(
        Premises(code=f"P{n}", name=f"{name}{n}栋", pinyin=pinyin, lon=121, lat=31, cell_id=cells[n % len(cells)])
        for n, name, pinyin in made
    )
    Account.objects.bulk_create(
        Account(username=f"u{n}", name=name[:3], pinyin=pinyin) for n, name, pinyin in made[:people]
    )
    bring_statutes(Actor.system(), read(EDITION), known_on=KNOWN_ON)
    keep_ranker(Actor.system(), finding.fitted(), state=finding.state())


def _columns() -> list[str]:
    from jiean.intake.models import Report  # noqa: PLC0415

    return [str(field.column) for field in Report._meta.concrete_fields]


def p50_p95_ms(ask: Callable[[], object], turns: int) -> tuple[float, float]:
    """Middle and 95th percentile of the clock time of a question asked so many times, after three to warm up."""
    took = []
    for turn in range(turns + 3):
        began = time.perf_counter()
        ask()
        if turn >= 3:
            took.append(1000 * (time.perf_counter() - began))
    return float(np.quantile(took, 0.5)), float(np.quantile(took, 0.95))


def measured(rows: int, turns: int) -> list[dict[str, Any]]:
    """Each kind of question: who asks, what, how long, how many lines came back."""
    from jiean.grid.models import Cell  # noqa: PLC0415
    from jiean.intake.queries import reports_of_telephone_end, reports_telling  # noqa: PLC0415
    from jiean.kernel import clocks  # noqa: PLC0415
    from jiean.kernel.actor import Actor, Role  # noqa: PLC0415
    from jiean.screens import search  # noqa: PLC0415

    cells = frozenset(Cell.objects.order_by("pk").values_list("pk", flat=True)[:1])
    shown: dict[str, Any] = {"proved_at": clocks.now(), "purpose": "emergency"}
    desk, officer = Actor(Role.DISPATCHER, 1, **shown), Actor(Role.OFFICER, 2, cell_ids=cells, **shown)
    _forget_look_ups((1, 2))
    asks: list[tuple[str, Callable[[], Any]]] = []
    for name, words in WORDS.items():
        asks.append((f"desk, {name}", lambda words=words: reports_telling(desk, words)))
        asks.append((f"desk, {name}, whole box", lambda words=words: _box(search, desk, words)))
        asks.append((f"officer of {rows // CELLS}, {name}", lambda words=words: reports_telling(officer, words)))
        asks.append(
            (f"officer of {rows // CELLS}, {name}, whole box", lambda words=words: _box(search, officer, words))
        )
    for name, words in TYPED.items():
        asks.append((f"desk, {name}, whole box", lambda words=words: _box(search, desk, words)))
        asks.append(
            (f"officer of {rows // CELLS}, {name}, whole box", lambda words=words: _box(search, officer, words))
        )
    asks.append(("desk, end of a telephone", lambda: reports_of_telephone_end(desk, "0042")))
    asks.append((f"officer of {rows // CELLS}, end of a telephone", lambda: reports_of_telephone_end(officer, "0042")))
    answers = []
    for name, ask in asks:
        p50, p95 = p50_p95_ms(ask, turns)
        answers.append({"question": name, "p50_ms": round(p50, 1), "p95_ms": round(p95, 1), "lines": len(ask())})
        print(
            f"{'✓' if p95 <= 100 else '✗'} {name:<40} p50 {p50:7.1f}  p95 {p95:7.1f} ms  {len(ask()):3} lines",
            flush=True,
        )
    return answers


def _forget_look_ups(accounts: tuple[int, ...]) -> None:
    """What an earlier run asked of this folder would have the askers stopped as anybody is who looks up so many."""
    from jiean.vault.models import LookUp, LookUpQuestion  # noqa: PLC0415

    LookUp.objects.filter(account_id__in=accounts).delete()
    LookUpQuestion.objects.filter(account_id__in=accounts).delete()


def _box(search: Any, actor: Any, words: str) -> list[Any]:
    """What typing costs: the one page a number stands for, else every section, without its template."""
    if search.jump(actor, words):
        return [words]
    finders = (search.callers, search.incidents, search.reports, search.places, search.people, search.statutes)
    return [row for find in finders for row in find(actor, words).rows]


def references() -> dict[str, float]:
    """The same words by reading the texts, milliseconds of one run each after one to warm up."""
    from django.db import connection  # noqa: PLC0415

    found = {}
    for name in ("frequent", "rare", "absent"):
        for how in ("text LIKE %s", "text ILIKE %s"):
            with connection.cursor() as cursor:
                for _turn in range(2):
                    began = time.perf_counter()
                    statement = f"SELECT id FROM intake_report WHERE {how} ORDER BY id DESC LIMIT 10"
                    cursor.execute("SET max_parallel_workers_per_gather = 0")
                    cursor.execute(statement, [f"%{WORDS[name]}%"])
                    cursor.fetchall()
                    took = 1000 * (time.perf_counter() - began)
            found[f"{name}, {how.split()[1]}"] = round(took, 1)
    return found


def sizes() -> dict[str, float]:
    """Megabytes of the texts' table, of the marks and of their index; reports indexed a second by the deed itself."""
    from django.db import connection, transaction  # noqa: PLC0415

    from jiean.intake.commands import index_reports  # noqa: PLC0415
    from jiean.kernel.actor import Actor  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_table_size('intake_report') / 1e6, pg_table_size('vault_wordmarks') / 1e6,"
            " pg_relation_size('vault_words') / 1e6, avg(cardinality(marks)), avg(length(text))"
            " FROM (SELECT marks, matter_id FROM vault_wordmarks LIMIT 10000) m JOIN intake_report r ON r.id = m.matter_id"
        )
        names = ("texts_mb", "marks_mb", "index_mb", "marks_a_text", "signs_a_text")
        found = {name: round(float(value), 1) for name, value in zip(names, cursor.fetchone(), strict=True)}
    with transaction.atomic():
        began, after, made = time.perf_counter(), 0, 0
        while made < 2000:
            after, more = index_reports(Actor.system(), after=after, anew=True)
            made += more
        found["indexed_a_second"] = round(made / (time.perf_counter() - began))
        transaction.set_rollback(True)
    return found


@contextmanager
def home_of(kept: Path | None) -> Iterator[Path]:
    """A folder for the database: the one named, which stays, or one that goes."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True, mode=0o755)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="jiean-search-") as home:
        Path(home).chmod(0o755)
        yield Path(home)


def _load_once(home: Path, rows: int) -> None:
    """Load what is asked of, unless this folder holds it already. Raises SystemExit where it holds another number."""
    loaded = home / "loaded.json"
    if loaded.exists():
        if json.loads(loaded.read_text("utf-8"))["rows"] != rows:
            raise SystemExit(f"{home} holds another number of rows; remove it or name another folder")
        return
    began = time.perf_counter()
    built = load(rows)
    print(f"{rows} matters loaded in {time.perf_counter() - began:.0f} s, index built in {built:.0f} s", flush=True)
    loaded.write_text(json.dumps({"rows": rows}) + "\n", "utf-8")


def main() -> int:
    """Load, measure, print; JSON where asked."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rows", type=int, default=1_000_000)
    words.add_argument("--turns", type=int, default=40)
    words.add_argument("--json", type=Path)
    words.add_argument(
        "--data-dir", type=Path, help="a folder of its own that is kept: loaded once, asked again and again"
    )
    asked = words.parse_args()
    with home_of(asked.data_dir) as home:
        server = opened(home)
        try:
            _load_once(home, asked.rows)
            answer = {"rows": asked.rows, "questions": measured(asked.rows, asked.turns), "sizes": sizes()}
            answer["references_ms"] = references()
            for name in ("sizes", "references_ms"):
                print(name, json.dumps(answer[name], ensure_ascii=False), flush=True)
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        finally:
            server.stop()
    if asked.json:
        asked.json.write_text(json.dumps(answer, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
