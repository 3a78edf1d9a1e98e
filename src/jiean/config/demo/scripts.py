"""What crews write when a matter is done, by kind."""

from __future__ import annotations

import numpy as np

_ENDINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "dispute": (
        ("settled_on_spot", "到场后分开双方，听了两边的说法，现场调解，双方握手言和。"),
        ("mediation", "双方同意到综治站调解，已转调解员跟进。"),
        ("warned", "对言语过激的一方劝阻教育，双方各自离开。"),
    ),
    "traffic": (
        ("traffic_handled", "拍照取证后引导双方撤离现场，快处快赔，道路恢复通行。"),
        ("traffic_handled", "联系车主挪车，疏导交通约十分钟，已恢复通行。"),
        ("warned", "对违停车主教育提醒，车已驶离。"),
    ),
    "noise": (
        ("warned", "到场后声音已降低，提醒对方注意时间，对方表示配合。"),
        ("referred", "属于夜间施工，已移交综合行政执法队处理。"),
    ),
    "fraud": (
        ("fraud_stopped", "到场劝阻，未再转账，协助冻结并讲解常见骗术。"),
        ("case_opened", "已制作笔录，受案处理。"),
    ),
    "hazard": (
        ("hazard_fixed", "现场设置警示，已联系责任单位处理完毕。"),
        ("referred", "已移交主管部门限期处理，现场先行围挡。"),
    ),
    "missing": (
        ("found", "在附近公园找到，身体无恙，已交家属。"),
        ("found", "查看沿途情况后在公交站找到，已联系家人接回。"),
    ),
    "theft": (("case_opened", "勘查现场、调取线索，已受案处理。"), ("helped", "在周边协助找回，物归原主。")),
    "fire": (("hazard_fixed", "配合消防疏散人员，明火已灭，无人受伤。"),),
    "violence": (
        ("case_opened", "控制双方，带回所内调查，已受案处理。"),
        ("settled_on_spot", "轻微推搡，双方当场道歉和解。"),
    ),
    "help": (("helped", "到场帮助，当事人已安全，由家人接走。"), ("helped", "已联系救护并陪同等候，移交医护人员。")),
    "housing": (
        ("mediation", "向双方讲解租赁规定，约定三日内到综治站协商。"),
        ("settled_on_spot", "双方当场结清费用，纠纷化解。"),
    ),
    "other": (("helped", "已当面答复说明。"), ("not_found", "到场未发现所述情况，已回复上报人。")),
}


def endings(kind: str) -> tuple[tuple[str, str], ...]:
    """The ways matters of a kind end: coded result and words."""
    return _ENDINGS[kind]


def disposition_for(kind: str, chance: np.random.Generator) -> str:
    """A coded result that fits the kind."""
    return _ENDINGS[kind][chance.integers(len(_ENDINGS[kind]))][0]


def outcome_for(kind: str, chance: np.random.Generator) -> str:
    """What the people concerned are told."""
    return _ENDINGS[kind][chance.integers(len(_ENDINGS[kind]))][1]
