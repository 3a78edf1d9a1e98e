"""What a report is about, how soon it must be looked at and who should have it: rules first, then what was learnt."""

from jiean.engine.triage.rules import CONFIDENT, Code, TriageAdvice, TriageReason, advise

__all__ = ["CONFIDENT", "Code", "TriageAdvice", "TriageReason", "advise"]
