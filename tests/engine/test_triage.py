"""The rule part of the triage: alarms that must ring, and look-alikes that must not."""

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiean.engine.triage import Code, advise

ALARMS = [
    ("weapon", "夜市有人拿着菜刀追人"),
    ("weapon", "两伙人打架，一个持刀的"),
    ("weapon", "他说要杀了我"),
    ("weapon", "用啤酒瓶砸人，快来"),
    ("blood", "路口撞车，司机满脸是血"),
    ("blood", "老大爷晕倒在公交站"),
    ("blood", "工人没有呼吸了"),
    ("fire", "六楼着火了，好多烟"),
    ("fire", "没人管着火了"),
    ("fire", "电动车在楼道里自燃"),
    ("gas", "楼道里闻到很浓的煤气味"),
    ("gas", "燃气管子挖断了，在漏气，天然气泄漏"),
    ("missing_person", "我女儿放学到现在还没回家"),
    ("missing_person", "八十岁的老人走丢了"),
    ("missing_person", "商场里有个小女孩一个人在哭，说不清家在哪"),
    ("suicide", "有人坐在天台边上，说不想活了"),
    ("followed", "下夜班路上有个男的一直跟着我"),
    ("followed", "我被人尾随了"),
    ("home_violence", "我老公喝了酒又打我"),
    ("home_violence", "隔壁在打孩子，哭得很惨"),
    ("fraud_under_way", "我妈正在给一个自称公安的人转账"),
    ("fraud_under_way", "客服让我把验证码告诉他"),
    ("fraud_under_way", "对方让转到安全账户"),
    ("help", "救命"),
    ("help", "小孩掉进河里了"),
    ("help", "我们被困在电梯里"),
]

LOOK_ALIKES = [
    "摊主杀价杀得厉害，砍价不成",
    "这家店生意火爆，门口停满车",
    "两车剐蹭，没有人受伤",
    "没有受伤，也没看到流血",
    "楼下理发店剪刀掉了",
    "孩子在玩水枪，弄湿了我家门口",
    "气得我头顶冒烟",
    "清仓跳楼价大喇叭从早喊到晚",
    "热得想死，空调外机又坏了",
    "请继续跟踪办理我的投诉",
    "打我老公电话没人接",
    "房东让我把房租转账给他儿子",
    "登录验证码收不到，居住证申报不了",
    "孩子书包丢了，在公交站",
    "找不到车位，绕了三圈",
    "你们真是我的救命恩人，送锦旗",
    "手机掉进井里了",
    "去年小区着火，物业赔了钱",
    "社区消防演练冒烟了吗，想来参观",
    "小区没有发生火灾，只是物业收费不公开",
    "燃气费多收了我三十块",
    "奶奶早上走丢了，后来找到了，谢谢",
    "血压高想问社区医院几点开门",
    "饭店油烟管道一直冒黑烟到我家窗户",
    "不是着火，是有人在烧烤",
]


@pytest.mark.parametrize(("flag", "text"), ALARMS)
def test_an_alarm_rings(flag, text):
    advice = advise(text)
    assert flag in advice.red_flags
    assert (advice.urgency, advice.destination, advice.abstained) == (1, "police", False)


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_look_alike_does_not(text):
    assert advise(text).red_flags == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("两车剐蹭，没有人受伤", Code.NEGATED),
        ("去年小区着火，物业赔了钱", Code.LONG_AGO),
        ("明天有消防讲座，讲讲着火怎么办", Code.NOT_REAL),
        ("奶奶早上走丢了，后来找到了", Code.OVER),
    ],
)
def test_why_a_red_flag_word_did_not_count_is_said(text, code):
    assert code in {reason.code for reason in advise(text).reasons}


@pytest.mark.parametrize(
    "text", ["去年着火，今天又着火了", "是不是煤气泄漏不清楚", "有没有着火看不清，好多浓烟", "上周走丢的老人至今没回来"]
)
def test_doubt_and_repetition_still_ring(text):
    assert advise(text).red_flags


@pytest.mark.parametrize(
    ("text", "kind", "urgency", "destination"),
    [
        ("广场舞音响扰民，天天跳到十点", "noise", 4, "enforcement"),
        ("两辆轿车追尾，堵住了路口", "traffic", 3, "police"),
        ("电瓶车被偷了", "theft", 3, "police"),
        ("房东不退押金，还要涨租", "housing", 4, "mediation"),
        ("市场里两个人吵起来了，为了抢摊位", "dispute", 3, "police"),
        ("井盖坏了，路面有个大坑", "hazard", 3, "enforcement"),
        ("两个人打架，打起来了", "violence", 2, "police"),
    ],
)
def test_kind_urgency_and_destination(text, kind, urgency, destination):
    advice = advise(text)
    assert (advice.kind, advice.urgency, advice.destination) == (kind, urgency, destination)
    assert advice.confidence >= 0.5


@pytest.mark.parametrize("text", ["", "   ", "你好", "。。。", "今天天气不错", "楼上"])
def test_without_words_to_go_by_it_abstains(text):
    advice = advise(text)
    assert advice.abstained
    assert (advice.kind, advice.destination) == ("other", "police")


def test_the_demo_texts_are_read_as_their_authors_meant():
    """Every alarm rings and no other; of the kinds at least two thirds are right, and few are wrong rather than left open."""
    lines = files("jiean.config.demo").joinpath("data", "reports.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) >= 150
    advices = [(row, advise(row["text"])) for row in rows]
    missed = [row["text"] for row, advice in advices if row["red_flag"] and row["red_flag"] not in advice.red_flags]
    false = [row["text"] for row, advice in advices if not row["red_flag"] and advice.red_flags]
    assert (missed, false) == ([], [])
    right = sum(advice.kind == row["kind"] for row, advice in advices if not advice.abstained)
    wrong = sum(advice.kind != row["kind"] for row, advice in advices if not advice.abstained)
    assert right >= len(rows) * 2 / 3
    assert wrong <= len(rows) * 0.06


def test_a_question_is_not_urgent():
    assert advise("请问居住证申报要带什么").urgency == 4


def test_full_width_and_spaced_words_are_read():
    assert advise("救 命").red_flags == ("help",)


@given(st.text(max_size=300))
def test_any_text_gets_an_advice(text):
    advice = advise(text)
    assert advice.urgency in {1, 2, 3, 4}
    assert 0 <= advice.confidence <= 1
    assert (advice.urgency == 1) >= bool(advice.red_flags)


def test_a_huge_text_is_cut():
    assert advise("啊" * 200_000 + "救命").red_flags == ()
