# ruff: noqa: SIM905 - names read better as a line of words
"""Make the demo town's files from an OpenStreetMap extract: roads, areas, places, units, people, rates.

    uv run tools/make_demo_town.py EXTRACT.osm.gz --calls calls_units.csv.gz --target src/jiean/config/demo/data

Streets are real (OpenStreetMap, ODbL). Everything laid over them is invented: areas, places, people. The same input gives
the same files. The report texts (`reports.jsonl`) are written by hand and the base map comes from `make_tiles.py`.

Cells: k-means over the road junctions, each weighted by the metres of street that meet there, so that cells hold about
equal streets; their Voronoi polygons, cut to the town's outline, are the cells. Neighbours share their corners to the
last digit, so the cells tile the town exactly. Communities are k-means groups of cells, made whole afterwards.
"""

import argparse
import csv
import gzip
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from scipy.cluster.vq import kmeans2
from scipy.spatial import Voronoi

from jiean.engine.roads import Roads, save
from jiean.engine.roads.osm import read_osm
from jiean.engine.roads.plane import EARTH_RADIUS_M, to_plane

SEED = 12312
CELLS, VILLAGES, COMMUNITIES = 128, 15, 13
DIGITS = 6
TOWN_NAME = "皆安街道"

VILLAGE_NAMES = "望云 听溪 柳岸 稻香 栖霞 青禾 竹影 石桥 渡口 桃源 梅坞 芦湾 枫林 麦垄 菱塘".split()
COMMUNITY_NAMES = "明灯 和风 朝晖 拾光 星河 长桥 书香 暖阳 同心 花间 新苑 云梯 归舟".split()
SURNAMES = "皆安平和宁康乐顺景云柏松竹溪岚禾麦舟桥灯"
GIVEN = (
    "望舒 听澜 知秋 清和 拾光 怀瑾 若谷 守正 明远 行止 未晞 子衿 采薇 鹿鸣 思齐 星野 云起 长风 青衿 扶光 "
    "南乔 北辰 东篱 西楼 初霁 晚晴 朝露 夕照 春山 秋水 夏木 冬青 小满 白露 谷雨 惊蛰 立夏 霜降 清明 芒种"
).split()

Pick = Callable[[str], tuple[float, float, str]]


def cells_of(roads: Roads, chance: np.random.Generator) -> tuple[list[shapely.Polygon], np.ndarray]:
    """The cells' polygons in degrees, and their centres in metres."""
    junctions = to_plane(np.column_stack([roads.lon, roads.lat]), roads.origin)
    metres = np.zeros(roads.lon.size)
    for ends in (roads.edge_tail, roads.edge_head):
        np.add.at(metres, ends, roads.length_m)
    drawn = junctions[chance.choice(len(junctions), 12_000, p=metres / metres.sum())]
    centres, _ = kmeans2(drawn, CELLS, minit="++", seed=chance, iter=40)
    outline = shapely.convex_hull(shapely.multipoints(junctions)).buffer(120, join_style="mitre").simplify(60)
    return [to_degrees(shape, roads.origin) for shape in voronoi_within(centres, outline)], centres


def voronoi_within(centres: np.ndarray, outline: shapely.Polygon) -> list[shapely.Polygon]:
    """Voronoi polygons cut to the outline; four far points make every region finite."""
    far = 40 * np.ptp(centres, axis=0).max()
    diagram = Voronoi(np.concatenate([centres, [[far, 0], [-far, 0], [0, far], [0, -far]]]))
    regions = [diagram.regions[diagram.point_region[i]] for i in range(len(centres))]
    return [shapely.Polygon(diagram.vertices[region]).intersection(outline) for region in regions]


def to_degrees(shape: shapely.Polygon, origin: tuple[float, float]) -> shapely.Polygon:
    """Back from metres to degrees, every corner rounded alike, so that shared corners stay shared."""
    scale = np.radians(1.0) * EARTH_RADIUS_M * np.array([np.cos(np.radians(origin[1])), 1.0])
    return shapely.Polygon(np.round(shapely.get_coordinates(shape) / scale + origin, DIGITS))


def check_tiling(cells: list[shapely.Polygon]) -> shapely.Polygon:
    """The town's outline. Raises SystemExit unless the cells tile it without hole or overlap."""
    whole = shapely.coverage_union_all(cells)
    sound = (
        all(cell.is_valid for cell in cells)
        and shapely.coverage_is_valid(cells)
        and isinstance(whole, shapely.Polygon)
        and not whole.interiors
        and abs(sum(cell.area for cell in cells) - whole.area) < 1e-15
    )
    if not sound:
        raise SystemExit("The cells do not tile the town.")
    return whole


def group(cells: list[shapely.Polygon], centres: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """A community for every cell, each community in one piece."""
    _, label = kmeans2(centres, VILLAGES + COMMUNITIES, minit="++", seed=chance, iter=60)
    touches = [[j for j in range(CELLS) if j != i and cells[i].intersection(cells[j]).length > 0] for i in range(CELLS)]
    for _ in range(CELLS):
        strays = [i for i in range(CELLS) if i not in _largest_piece(label, label[i], touches)]
        if not strays:
            break
        label[strays[0]] = np.bincount(label[touches[strays[0]]]).argmax()
    if len(set(label)) != VILLAGES + COMMUNITIES:
        raise SystemExit("A community came out empty; change the seed.")
    return np.unique(label, return_inverse=True)[1]


def _largest_piece(label: np.ndarray, which: int, touches: list[list[int]]) -> set[int]:
    left = {int(i) for i in np.flatnonzero(label == which)}
    best: set[int] = set()
    while left:
        piece, edge = set(), [left.pop()]
        while edge:
            cell = edge.pop()
            piece.add(cell)
            found = [j for j in touches[cell] if j in left]
            left -= set(found)
            edge += found
        best = max(best, piece, key=len)
    return best


def areas(roads: Roads, chance: np.random.Generator) -> tuple[dict[str, Any], list[shapely.Polygon], list[str]]:
    """The town as GeoJSON, the cells' polygons by code order, and their codes."""
    cells, centres = cells_of(roads, chance)
    check_tiling(cells)
    community = group(cells, centres, chance)
    names = [(f"{n}村", "village") for n in VILLAGE_NAMES] + [(f"{n}社区", "community") for n in COMMUNITY_NAMES]
    middle = [centres[community == i].mean(axis=0) for i in range(len(names))]
    outer_first = np.argsort([-float(np.hypot(*point)) for point in middle], kind="stable")  # villages lie further out
    features, ordered, codes = [], [], []
    for place, which in enumerate(outer_first):
        name, kind = names[place]
        members = sorted(np.flatnonzero(community == which), key=lambda i: (-round(centres[i][1] / 500), centres[i][0]))
        code = f"{'V' if kind == 'village' else 'C'}{place + 1:02d}"
        outline = shapely.coverage_union_all([cells[i] for i in members])
        features.append(_feature("community", code, name, outline, kind=kind))
        for number, i in enumerate(members, start=1):
            codes.append(f"SJ-{len(codes) + 1:03d}")
            ordered.append(cells[i])
            features.append(_feature("cell", codes[-1], f"{name}第{number}网格", cells[i], community=code))
    return {"type": "FeatureCollection", "name": TOWN_NAME, "features": features}, ordered, codes


def _feature(level: str, code: str, name: str, shape: shapely.Polygon, **more: str) -> dict[str, Any]:
    geometry = json.loads(shapely.to_geojson(shape))
    return {
        "type": "Feature",
        "properties": {"level": level, "code": code, "name": name} | more,
        "geometry": geometry,
    }


PLACES = (
    ("station", 1, ["皆安派出所"], "ST"),
    ("governance_post", 7, [f"{n}综治站" for n in COMMUNITY_NAMES[:7]], "GP"),
    ("police_post", 12, [f"{n}警务站" for n in VILLAGE_NAMES[:12]], "PP"),
    ("hive_post", 10, [f"{n}蜂巢站点" for n in (*COMMUNITY_NAMES[7:], *VILLAGE_NAMES[12:], "大集")], "HP"),
    ("market", 4, ["大集农产品市场", "望云菜市场", "拾光水产市场", "长桥小商品市场"], "MK"),
    ("school", 8, [f"{n}小学" for n in "听溪 书香 朝晖 青禾 花间".split()] + ["皆安中学", "归舟中学", "暖阳幼儿园"], "SC"),
    ("rental", 14, [f"{n}公寓" for n in "蒲公英 向日葵 蓝风铃 小满 谷雨 白鹭 芦花 麦穗 萤火 拾穗 归燕 新芽 橡果 石榴".split()], "RT"),
    ("shop", 14, [*(f"{n}便利店" for n in "月半 橘子 晨跑 转角".split()), *(f"{n}小馆" for n in "阿婆 三碗 渔火 老灶".split()),
                  "快剪理发店", "青柠药房", "木鱼书店", "五金老铺", "夜猫烧烤", "云上手机店"], "SH"),
    ("hotel", 5, [f"{n}宾馆" for n in "驿路 听雨 南柯 枕溪 启明".split()], "HT"),
    ("estate", 8, [f"{n}苑" for n in "明灯 和风 星河 同心 新雨 云梯 桂影 长桥".split()], "ES"),
    ("factory", 4, ["纸鸢文具厂", "铁皮青蛙玩具厂", "大碗面制品厂", "顺水五金厂"], "FC"),
    ("site", 3, ["星河三期工地", "长桥改造工地", "归舟学校扩建工地"], "CS"),
)  # fmt: skip


def places(pick: Pick) -> list[dict[str, Any]]:
    """Thirty posts and sixty other premises beside real streets."""
    rows = []
    for kind, count, names, prefix in PLACES:
        if len(names) != count:
            raise SystemExit(f"{kind}: {len(names)} names for {count} places.")
        for number, name in enumerate(names, start=1):
            lon, lat, street = pick("residential" if kind in {"estate", "rental", "school"} else "any")
            address = f"{street}{17 * number % 480 + 1}号（虚构）"
            rows.append({"code": f"{prefix}-{number:02d}", "name": name, "kind": kind, "lon": lon, "lat": lat,
                         "address": address})  # fmt: skip
    return rows


def key_points(pick: Pick) -> list[dict[str, Any]]:
    """The twelve points of "12312": main roads for dry days, low stretches, culverts and ramps for rain, hot spots."""
    kinds = ["main_road"] * 5 + ["low_lying"] * 2 + ["culvert", "ramp"] + ["hotspot"] * 3
    words = {"main_road": "主干道点", "low_lying": "低洼路段", "culvert": "涵洞", "ramp": "上下坡", "hotspot": "高发点"}
    rows = []
    for number, kind in enumerate(kinds, start=1):
        lon, lat, street = pick("main")
        rows.append({"name": f"{number}号 {street}{words[kind]}", "kind": kind, "lon": lon, "lat": lat,
                     "dwell_min": 10, "visits_per_shift": 3 if kind == "hotspot" else 2})  # fmt: skip
    return rows


def units(points: list[dict[str, Any]], posts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Twelve patrol cars, one to each key point, and the three teams."""
    skills = [
        ["调解"],
        ["急救"],
        ["调解", "方言"],
        [],
        ["急救"],
        ["谈判"],
        [],
        ["调解"],
        [],
        ["急救", "谈判"],
        ["方言"],
        [],
    ]
    cars = [
        {"call_sign": f"P-{i:02d}", "unit_class": "patrol_car", "skills": skills[i - 1], "seats": 4, "crew": 2,
         "base_lon": point["lon"], "base_lat": point["lat"]}
        for i, point in enumerate(points, start=1)
    ]  # fmt: skip
    station = next(post for post in posts if post["kind"] == "station")
    post = next(post for post in posts if post["kind"] == "police_post")
    teams = [("PTU-1", "ptu", ["谈判", "破门"], 8, 4, station), ("RP-1", "road_patrol", ["交通"], 4, 3, points[1]),
             ("JWZ-1", "post", ["调解", "方言"], 4, 3, post)]  # fmt: skip
    return cars + [
        {"call_sign": sign, "unit_class": kind, "skills": has, "seats": seats, "crew": crew,
         "base_lon": at["lon"], "base_lat": at["lat"]}
        for sign, kind, has, seats, crew, at in teams
    ]  # fmt: skip


ROLES = (
    ("cmd", "CMD", 2, "zhihui"), ("dsp", "DSP", 4, "diaodu"), ("ofc", "OFC", 53, "minjing"),
    ("soc", "SOC", 102, "shegong"), ("med", "MED", 6, "tiaojie"), ("ins", "INS", 4, "jiancha"), ("adm", "ADM", 1, "guanli"),
    ("aud", "AUD", 1, "shenji"), ("vol", "VOL", 4, "yijing"), ("grd", "GRD", 2, "wuye"), ("sch", "SCH", 2, "xuexiao"),
    ("lnd", "LND", 2, "fangdong"), ("ten", "TEN", 1, "zuke"),
)  # fmt: skip


def people(codes: list[str], chance: np.random.Generator) -> list[dict[str, Any]]:
    """Invented staff; officers share the cells in runs of two or three, workers in ones and twos."""
    names = [f"{surname}{given}" for surname in SURNAMES for given in GIVEN]
    names = [str(name) for name in chance.permutation(names)]
    rows = []
    for prefix, role, count, first in ROLES:
        shares = np.array_split(np.array(codes), count) if role in {"OFC", "SOC"} else [[]] * count
        for number in range(1, count + 1):
            rows.append({
                "username": f"{prefix}{number}" if number > 1 else first, "name": names.pop(), "role": role,
                "phone": f"1390000{len(rows) + 1:04d}", "cells": [str(code) for code in shares[number - 1]],
            })  # fmt: skip
    return rows


def rates(calls: Path) -> dict[str, Any]:
    """Reports a day by kind and hour. The hours' shape is counted from real calls; the kinds' shares are assumed."""
    with gzip.open(calls, "rt", encoding="utf-8", newline="") as lines:
        received = {row["Call Number"]: row["Received DtTm"] for row in csv.DictReader(lines)}
    by_hour = np.bincount([datetime.fromisoformat(at).hour for at in received.values() if at], minlength=24)
    smooth = (np.roll(by_hour, 1) + 2 * by_hour + np.roll(by_hour, -1)) / 4
    kinds = {"dispute": 9.0, "traffic": 9.0, "noise": 6.0, "fraud": 4.0, "hazard": 4.0, "help": 4.5, "theft": 2.5,
             "violence": 2.0, "housing": 2.0, "missing": 1.0, "fire": 0.5, "other": 1.5}  # fmt: skip
    return {
        "per_day_by_kind": kinds,
        "share_by_hour": [round(float(share), 5) for share in smooth / smooth.sum()],
        "sources": {
            "per_day": "Ouhai development zone: about 40 calls a day and more (平均每天接警达40余起), newspaper report, 2019.",
            "kinds": "Assumed. The same report says over 80 % are disputes of newcomers; a wider mix is set here so that "
                     "every kind is seen within a day.",
            "hours": f"{len(received)} calls of the San Francisco Fire Department, 2009-2015 (DataSF, public domain), by hour "
                     "of reception, smoothed 1-2-1. Another city and another service: only the shape of a day is taken.",
        },
    }  # fmt: skip


def picker(roads: Roads, cells: list[shapely.Polygon], chance: np.random.Generator) -> Pick:
    """Points a few metres beside named streets, the first in the middle of town, the rest spread over the cells."""
    classes = {"main": {4, 6}, "residential": {11}, "any": {4, 6, 8, 11}}
    middle = [cell.centroid.distance(shapely.Point(roads.origin)) for cell in cells]
    order = iter([int(np.argmin(middle)), *chance.permutation(len(cells)).tolist() * 4])

    def pick(wanted: str) -> tuple[float, float, str]:
        cell = cells[next(order)]
        for edge in chance.permutation(roads.edge_tail.size):
            lon, lat = roads.edge_points(int(edge)).mean(axis=0) + chance.uniform(-1.2e-4, 1.2e-4, 2)
            fits = int(roads.road_class[edge]) in classes[wanted] and roads.edge_name(int(edge))
            if fits and cell.contains(shapely.Point(lon, lat)):
                return round(float(lon), DIGITS), round(float(lat), DIGITS), roads.edge_name(int(edge))
        return pick(wanted)

    return pick


def write(target: Path, name: str, content: Any) -> None:
    text = json.dumps(
        content, ensure_ascii=False, indent=None if name.endswith("geojson") else 1, separators=(",", ":")
    )
    (target / name).write_text(text + "\n", encoding="utf-8")


def files(extract: Path, calls: Path) -> Iterator[tuple[str, Any]]:
    chance = np.random.default_rng(SEED)
    roads = read_osm(extract)
    yield "roads.npz", roads
    collection, cells, codes = areas(roads, chance)
    pick = picker(roads, cells, chance)
    posts, points = places(pick), key_points(pick)
    yield "areas.geojson", collection
    yield "places.json", {"premises": posts, "key_points": points}
    yield "units.json", units(points, posts)
    yield "people.json", people(codes, chance)
    yield "rates.json", rates(calls)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("extract", type=Path)
    parser.add_argument("--calls", type=Path, required=True)
    parser.add_argument("--target", type=Path, required=True)
    given = parser.parse_args()
    for name, content in files(given.extract, given.calls):
        if isinstance(content, Roads):
            save(content, given.target / name)
        else:
            write(given.target, name, content)


if __name__ == "__main__":
    main()
