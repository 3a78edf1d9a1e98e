"""Reading road files: the rules of the tags, the tables, the store, and files that are broken."""

import gzip
import json

import numpy as np
import pytest

from jiean.engine.roads import FileBroken, NoWays, WrongDatum, load, save, snap, travel_times
from jiean.engine.roads.check import check
from jiean.engine.roads.graph import BRIDGE, CLASSES, ROUNDABOUT, TUNNEL
from jiean.engine.roads.osm import read_osm
from jiean.engine.roads.snap import Snaps
from jiean.engine.roads.table import read_csv

NODES = {1: (121.40, 31.20), 2: (121.41, 31.20), 3: (121.41, 31.21), 4: (121.40, 31.21), 5: (121.405, 31.20)}


def osm(*ways, nodes=NODES) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">']
    lines += [f'<node id="{i}" version="1" lon="{lon}" lat="{lat}"/>' for i, (lon, lat) in nodes.items()]
    for number, (refs, tags) in enumerate(ways, start=1):
        body = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        body += "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        lines.append(f'<way id="{number}" version="1">{body}</way>')
    return "".join([*lines, "</osm>"])


def road(**tags):
    return {"highway": "residential"} | {key.replace("__", ":"): value for key, value in tags.items()}


BLOCK = (([1, 5, 2], road(name="南街")), ([2, 3, 4, 1], road(name="环街")))


def read(tmp_path, *ways, **kwargs):
    file = tmp_path / "town.osm"
    file.write_text(osm(*ways, **kwargs), encoding="utf-8")
    return read_osm(file)


def test_streets_are_cut_where_they_meet_and_keep_their_shape(tmp_path):
    roads = read(tmp_path, *BLOCK)
    assert (roads.lon.size, roads.edge_tail.size) == (2, 2)
    assert [roads.edge_name(e) for e in range(2)] == ["南街", "环街"]
    assert len(roads.edge_points(1)) == 4
    assert roads.report.attribution.startswith("© OpenStreetMap")


def test_the_report_counts_what_was_dropped(tmp_path):
    island = {8: (121.5, 31.3), 9: (121.51, 31.3)}
    roads = read(
        tmp_path, *BLOCK, ([1, 3], {"highway": "footway"}), ([2, 4], road(access="no")), ([8, 9], road()),
        ([1, 777], road()), nodes=NODES | island,
    )  # fmt: skip
    counts = roads.report.counts
    assert counts["ways_read"] == 6
    assert counts["ways_not_for_cars"] == 2
    assert counts["segments_not_connected"] == 1
    assert (counts["nodes_missing"], counts["ways_without_nodes"]) == (1, 1)


@pytest.mark.parametrize(
    ("tags", "forward_only"),
    [
        ({"oneway": "yes"}, True),
        ({"oneway": "1"}, True),
        ({"oneway": "no"}, None),
        ({}, None),
        ({"oneway": "-1"}, False),
        ({"junction": "roundabout"}, True),
        ({"junction": "roundabout", "oneway": "no"}, None),
        ({"highway": "motorway"}, True),
        ({"highway": "motorway", "oneway": "no"}, None),
        ({"oneway": "yes", "oneway__motor_vehicle": "no"}, None),
        ({"oneway": "reversible"}, None),
    ],
)
def test_one_way_rules(tmp_path, tags, forward_only):
    roads = read(tmp_path, ([1, 5, 2], road(**tags)), BLOCK[1])
    edge = next(e for e in range(2) if len(roads.edge_points(e)) == 3)
    assert roads.two_way[edge] == (forward_only is None)
    if forward_only is not None:
        west_first = roads.edge_points(edge)[0, 0] < roads.edge_points(edge)[-1, 0]
        assert west_first == forward_only


@pytest.mark.parametrize(
    ("value", "kmh"),
    [("50", 40), ("50 km/h", 40), ("30 mph", 38.624256), ("60;40", 32), ("walk", 25), ("0", 25), ("999", 25)],
)
def test_limits_in_km_h_and_mph_else_the_class_decides(tmp_path, value, kmh):
    roads = read(tmp_path, ([1, 5, 2], road(maxspeed=value)), BLOCK[1])
    assert roads.length_m[0] / roads.seconds[0] * 3.6 == pytest.approx(kmh)


def test_bridges_tunnels_and_classes_are_kept(tmp_path):
    roads = read(
        tmp_path, ([1, 5, 2], road(bridge="viaduct", highway="primary")), ([2, 3], road(tunnel="yes", bridge="no")),
        ([3, 4, 1], road(junction="circular")),
    )  # fmt: skip
    assert sorted(roads.flags.tolist()) == [BRIDGE, TUNNEL, ROUNDABOUT]
    assert CLASSES[roads.road_class[0]] == "primary"


def test_compressed_extracts_are_read(tmp_path):
    file = tmp_path / "town.osm.gz"
    file.write_bytes(gzip.compress(osm(*BLOCK).encode()))
    assert read_osm(file).report.edges == 2


@pytest.mark.parametrize("content", [b"", b"not xml at all", b"<osm version='0.6'><way id='1'>", b"\x00" * 64])
def test_a_broken_extract_is_refused_in_words(tmp_path, content):
    file = tmp_path / "broken.osm"
    file.write_bytes(content)
    with pytest.raises((FileBroken, NoWays)) as refused:
        read_osm(file)
    assert str(refused.value)


def test_a_missing_file_and_a_cut_archive_are_broken(tmp_path):
    with pytest.raises(FileBroken, match="no such file"):
        read_osm(tmp_path / "absent.osm")
    cut = tmp_path / "cut.osm.gz"
    cut.write_bytes(gzip.compress(osm(*BLOCK).encode())[:-40])
    with pytest.raises(FileBroken):
        read_osm(cut)


def test_an_extract_without_roads(tmp_path):
    with pytest.raises(NoWays):
        read(tmp_path, ([1, 2], {"building": "yes"}))


def tables(tmp_path, edges, nodes="node_id,lon,lat\n1,121.40,31.20\n2,121.41,31.20\n3,121.41,31.21\n"):
    (tmp_path / "nodes.csv").write_text(nodes, encoding="utf-8")
    (tmp_path / "edges.csv.gz").write_bytes(gzip.compress(edges.encode()))
    return tmp_path / "nodes.csv", tmp_path / "edges.csv.gz"


def test_a_table_without_oneway_and_with_single_rows_is_two_way(tmp_path):
    roads = read_csv(
        *tables(tmp_path, "cnn,u,v,class_code,name,length_m,geometry\n9,1,2,3,Oak,100,\n8,2,3,5,Elm,50,\n")
    )
    assert roads.two_way.all()
    assert [CLASSES[c] for c in roads.road_class] == ["primary", "residential"]


def test_a_table_with_both_orders_is_directed(tmp_path):
    rows = "u,v,length_m,speed_limit_kmh\n1,2,100,36\n2,1,100,36\n2,3,80,36\n3,2,80,36\n"
    roads = read_csv(*tables(tmp_path, rows))
    assert not roads.two_way.any()
    assert roads.seconds[0] == pytest.approx(100 / (36 * 0.8 / 3.6))


def test_given_seconds_win_over_speeds(tmp_path):
    rows = "edge_id,u,v,length_m,t_lights_siren_s,t_regular_s\n1,1,2,61.3,2.42,3.45\n2,2,1,61.3,2.42,3.45\n"
    assert read_csv(*tables(tmp_path, rows)).seconds.tolist() == [3.45, 3.45]


def test_dirty_rows_are_counted_not_fatal(tmp_path):
    rows = "u,v,length_m,oneway,geometry\n1,2,-5,0,\n2,3,x,0,121.41 31.20;oops\n1,99,10,0,\n3,2,10,-1,\n"
    roads = read_csv(*tables(tmp_path, rows))
    counts = roads.report.counts
    assert counts["edges_without_junction"] == 1
    assert counts["lines_not_understood"] == 1
    assert counts["length_from_line"] == 2
    assert (roads.lon[roads.edge_tail[2]], roads.lat[roads.edge_tail[2]]) == (121.41, 31.20)


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ("node_id,lon,lat\n1,354000,3456000\n2,354900,3456000\n3,354900,3457000\n", "projected metres"),
        ("node_id,lon,lat\n1,31.20,121.40\n2,31.20,121.41\n3,31.21,121.41\n", "swapped"),
        ("node_id,lon,lat\n1,0,0\n2,121.41,31.20\n3,121.41,31.21\n", "stray"),
    ],
)
def test_coordinates_of_another_datum_are_refused(tmp_path, nodes, message):
    with pytest.raises(WrongDatum, match=message):
        read_csv(*tables(tmp_path, "u,v,length_m\n1,2,10\n2,3,10\n", nodes))


@pytest.mark.parametrize(
    ("line", "message"), [("3,nan,31.21", "Line 4 .* '3' is nan"), ("2,121.5,31.20", "Line 4 .* '2' stands at two")]
)
def test_a_junction_without_a_place_or_with_two_is_named(tmp_path, line, message):
    nodes = f"node_id,lon,lat\n1,121.40,31.20\n2,121.41,31.20\n{line}\n"
    with pytest.raises(FileBroken, match=message):
        read_csv(*tables(tmp_path, "u,v,length_m\n1,2,10\n", nodes))


def test_a_network_of_odd_edges_still_gives_the_reference_s_times(tmp_path):
    """Two islands, parallel edges, loops, edges of no length and of no time, an unknown end, columns in another order."""
    nodes = [f"{121.4 + n % 5 / 1000},{n},{31.2 + n // 5 / 1000}" for n in range(25)]
    nodes += [f"{121.5 + n / 1000},{100 + n},31.2" for n in range(3)]
    ends = [(n, n + 1) for n in range(24) if n % 5 < 4] + [(n, n + 5) for n in range(20)]
    edges = [f"{7 + a},{b},{100 if a else 0},{a}\n{9 + a},{a},50,{b}" for a, b in ends]
    edges += ["3,1,9,0", "5,4,20,4", "0,7,10,6", "8,999,10,3", "4,101,10,100", "4,100,10,101"]
    files = tables(tmp_path, "\n".join(["t_regular_s,v,length_m,u", *edges]), "\n".join(["lon,node_id,lat", *nodes]))
    roads = read_csv(*files)
    assert roads.report.counts["edges_without_junction"] == 1
    found = check(roads, 300, np.random.default_rng(1))
    assert (found.junctions, found.mismatches, found.hierarchy_mismatches) == (25, 0, 0)


def test_missing_columns_and_wrong_encodings_are_broken_files(tmp_path):
    with pytest.raises(FileBroken, match="columns missing: u, v"):
        read_csv(*tables(tmp_path, "from,to\n1,2\n"))
    nodes, edges = tables(tmp_path, "u,v\n1,2\n")
    nodes.write_bytes(b"node_id,lon,lat\n1,\xff\xfe,31\n")
    with pytest.raises(FileBroken):
        read_csv(nodes, edges)


def test_the_store_gives_back_the_same_graph(tmp_path):
    roads = read(tmp_path, *BLOCK)
    save(roads, tmp_path / "roads.npz")
    again = load(tmp_path / "roads.npz")
    assert again.report == roads.report
    for name in ("lon", "edge_head", "seconds", "points", "names", "two_way"):
        np.testing.assert_array_equal(getattr(again, name), getattr(roads, name))
    here = Snaps(np.array([0], np.int32), np.array([0.2]), np.zeros(1))
    assert travel_times(again, here, snap(again, 121.41, 31.205)) == travel_times(
        roads, here, snap(roads, 121.41, 31.205)
    )


@pytest.mark.parametrize("damage", ["cut", "text", "index", "version", "pickle"])
def test_a_damaged_store_is_refused(tmp_path, damage):
    file = tmp_path / "roads.npz"
    save(read(tmp_path, *BLOCK), file)
    with np.load(file) as stored:
        arrays = dict(stored)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-200])
    elif damage == "text":
        file.write_text("hello")
    else:
        if damage == "index":
            arrays["edge_tail"] = arrays["edge_tail"] + 1000
        if damage == "version":
            header = json.loads(arrays["header"].tobytes()) | {"format": 0}
            arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
        if damage == "pickle":
            arrays["names"] = np.array([object()], dtype=object)
        np.savez(file, **arrays)
    with pytest.raises(FileBroken):
        load(file)
