"""A station's own numbers for its roads: what they change, and faults named by line and field."""

import pytest

from jiean.engine.roads import RoadsError, TurnRules, parse_settings
from jiean.engine.roads.conditions import Conditions

WHOLE = """
[turns]
left_s = 8
restrictions = false
[rain]
amount = 0.9
slows_low = 2
[rush]
primary = { 8 = 1.7 }
[siren]
motorcycle = 1.5
foot = 0.9
[speeds]
country = "cn"
share_of_limit = 0.9
"""


def test_what_is_said_holds_and_what_is_left_out_keeps_its_default():
    found = parse_settings(WHOLE, "roads.toml")
    assert found.turns == TurnRules(left_s=8, restrictions=False)
    assert (found.rain.rain, found.rain.rain_slows_low, found.rain.rain_slows) == (0.9, 2, Conditions().rain_slows)
    assert found.rush["primary"] == {8: 1.7}
    assert found.rush["secondary"] == Conditions().rush["secondary"]
    assert [found.siren_factor(one) for one in ("motorcycle", "patrol_car", "foot", "post")] == [1.5, 1.3, 0.9, 1.0]
    assert found.speeds.share_of_limit == 0.9
    assert found.speeds.by_class_kmh["residential"] == pytest.approx(24)


def test_nothing_said_is_the_plain_station():
    found = parse_settings("", "roads.toml")
    assert found.turns == TurnRules()
    assert found.rush is None
    assert found.conditions(rain=False, hour=8).hour is None
    assert parse_settings("[turns]\ncost = false", "x").turns is None
    assert parse_settings("[rush]\nused = false", "x").rush is None


def test_rain_and_hour_make_the_conditions_of_a_moment():
    found = parse_settings(WHOLE, "roads.toml")
    dry, wet = found.conditions(rain=False, hour=8), found.conditions(rain=True, hour=9)
    assert (dry.rain, dry.hour, wet.rain, wet.hour) == (0.0, 8, 0.9, 9)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[turn]\nleft_s = 1", r"roads.toml, line 1: \[turn\] is unknown"),
        ("[turns]\n\nleft = 1", "line 3: turns.left is unknown; known are back_s, cost"),
        ("[turns]\nleft_s = -4", r"line 1: \[turns\]: left_s is -4"),
        ("[rain]\nslows = true", "line 2: rain.slows is True; it must be a number"),
        ("[rain]\namount = 3", r"\[rain\]: rain must lie"),
        ("[rush]\nprimary = 2", "line 2: rush.primary is 2; it must be a table"),
        ("[rush]\nalley = { 8 = 2 }", "no such road class"),
        ("[siren]\nptu = 0", r"line 2: siren.ptu is 0; it must lie in \(0, 10\]"),
        ("[speeds]\ncountry = 'xx'", "No legal limits are known"),
        ("[speeds]\nshare_of_limit = 2", "share_of_limit must lie"),
        ("[speeds", "not TOML"),
    ],
)
def test_a_fault_is_named_by_line_and_field(text, words):
    with pytest.raises(RoadsError, match=words):
        parse_settings(text, "roads.toml")
