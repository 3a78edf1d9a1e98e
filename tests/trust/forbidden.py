"""What is never stored and never built (TRUST, section 3), as words a column's name and label are held against, and as libraries."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db import models

from tests.house.plan import ROOT

WORDS = frozenset(
    [
        "face",
        "facial",
        "voiceprint",
        "gait",
        "fingerprint",
        "iris",
        "retina",
        "biometric",
        "palmprint",
        "plate_number",
        "licence_plate",
        "camera_stream",
        "ethnicity",
        "ethnic",
        "nationality",
        "religion",
        "religious",
        "politics",
        "political",
        "party_member",
        "union_member",
        "genetic",
        "dna",
        "sexual",
        "native_place",
        "birthplace",
        "hukou",
        "risk_score",
        "risk_level",
        "risk_rank",
        "trust_score",
        "trust_level",
        "credit",
        "merit_points",
        "demerit",
        "points",
        "obedience",
        "reputation",
        "person_score",
        "person_level",
        "key_person",
        "watchlist",
        "blacklist",
        "arrest_count",
        "quota",
        "criminal_record",
        "visitors_of",
        "imei",
        "imsi",
        "mac_address",
        "device_id",
        "wechat_contacts",
    ]
)
LABELS = re.compile(
    "人脸|声纹|步态|指纹|虹膜|生物识别|车牌|民族|宗教|政治面貌|党派|籍贯|基因|性取向|风险等级|风险分|积分|扣分|信用|"
    "重点人员|重点人|黑名单|前科|违法犯罪记录|抓获数|指标任务|通讯录|行动轨迹分析|串号"
)
PERSON_KEYS = frozenset(
    [
        "person",
        "person_id",
        "resident",
        "resident_id",
        "citizen",
        "citizen_id",
        "human",
        "human_id",
        "id_number",
        "phone_hash",
        "person_key",
    ]
)
"""Names under which records of one human would be joined across matters."""
LIBRARIES = frozenset(
    [
        "face-recognition",
        "dlib",
        "insightface",
        "deepface",
        "facenet-pytorch",
        "retina-face",
        "mediapipe",
        "opencv-python",
        "opencv-python-headless",
        "opencv-contrib-python",
        "hyperlpr",
        "hyperlpr3",
        "easyocr",
        "openalpr",
        "paddleocr",
        "paddlespeech",
        "speechbrain",
        "resemblyzer",
        "pyannote-audio",
        "speechrecognition",
        "openai-whisper",
        "librosa",
        "fingerprintjs",
        "pyfingerprint",
        "onvif-zeep",
        "rtsp",
    ]
)
MODULES = frozenset(
    {"cv2", "face_recognition", "dlib", "insightface", "deepface", "mediapipe", "speechbrain", "pyannote", "easyocr"}
)


def _parts(name: str) -> Iterator[str]:
    """Every run of words in a name: ``camera_face_id`` holds ``face`` and ``camera_face``."""
    words = name.lower().split("_")
    for first in range(len(words)):
        yield from ("_".join(words[first:last]) for last in range(first + 1, len(words) + 1))


def forbidden_columns(of: Iterable[type[models.Model]]) -> list[str]:
    """Columns whose name or label says they hold what is never stored."""
    return [
        f"{model._meta.label_lower}.{field.name}"
        for model in of
        for field in model._meta.concrete_fields
        if WORDS & set(_parts(field.name)) or LABELS.search(str(field.verbose_name))
    ]


def shared_keys(of: Iterable[type[models.Model]], keepers: Iterable[str] = ("vault.sealedrecord",)) -> list[str]:
    """Columns that would join records of one human across matters: a key named so, or a foreign key to a table of people."""
    wrong = []
    for model in of:
        for field in model._meta.concrete_fields:
            to = getattr(field.related_model, "_meta", None)
            label = to.label_lower if to is not None else ""
            if {field.name, field.column} & PERSON_KEYS or label in keepers or _is_of_people(to):
                wrong.append(f"{model._meta.label_lower}.{field.name}")
    return wrong


def _is_of_people(table: Any) -> bool:
    """A table of the people outside the station: nothing may point at one, because none may be."""
    return table is not None and table.model_name in ("person", "resident", "citizen", "human", "contact", "caller")


def locked_libraries(lock: Path = ROOT / "uv.lock") -> set[str]:
    """Names of every locked library, also those that come with others."""
    return {package["name"] for package in tomllib.loads(lock.read_text(encoding="utf-8"))["package"]}


def forbidden_imports(files: Iterable[tuple[str, str]]) -> list[str]:
    """Names of the sources, of (name, text), that import a forbidden module."""
    wrong = []
    for name, text in files:
        for node in ast.walk(ast.parse(text)):
            modules = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if {module.split(".")[0] for module in modules} & MODULES:
                wrong.append(name)
    return wrong
