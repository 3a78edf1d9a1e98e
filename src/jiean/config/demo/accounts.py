"""The demonstration's sample accounts: one for each way of working, all with one public password."""

from __future__ import annotations

DEMO_PASSWORD = "jiean-demo-2026"  # public by intent; `jiean serve` never runs on these accounts
SAMPLE_ACCOUNTS: tuple[tuple[str, str, str], ...] = (
    ("zhihui", "值班指挥长", "duty commander"),
    ("diaodu", "接警调度员", "dispatcher"),
    ("minjing", "网格民警", "grid officer"),
    ("shegong", "社工·网格员", "social worker"),
    ("tiaojie", "调解员", "mediator"),
    ("jiancha", "检查员", "inspector"),
    ("guanli", "系统管理员", "system administrator"),
    ("shenji", "审计员", "auditor"),
)
