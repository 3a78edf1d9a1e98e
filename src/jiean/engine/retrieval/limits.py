"""Time limits an article sets: 三十日内, 二十四小时以内, 六个月前. Terms of punishment and ages are none."""

from __future__ import annotations

import re

from jiean.engine.retrieval.snippets import Part

_LIMIT = re.compile(
    r"(?:[零〇一二两三四五六七八九十百千\d]+)(?:个)?(?:工作日|小时|分钟|周|日|天|月|年)(?:之内|以内|内|之前|以前|前)"
    r"|(?:当日|次日|立即|及时)(?=[^。；]{0,12}(?:送达|通知|报告|告知|移送|登记))"
)


def limits(text: str) -> list[str]:
    """The limits' words in order, each once."""
    return list(dict.fromkeys(found[0] for found in _LIMIT.finditer(text)))


def marked(text: str) -> tuple[Part, ...]:
    """The whole text with its limits told apart."""
    made, at = [], 0
    for found in _LIMIT.finditer(text):
        made += [Part(text[at : found.start()], False), Part(found[0], True)]
        at = found.end()
    return tuple(part for part in (*made, Part(text[at:], False)) if part.words)
