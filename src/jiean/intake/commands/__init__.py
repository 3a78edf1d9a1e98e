"""Every deed on reports, split by noun."""

from jiean.intake.commands.following import add_supplement, forget_contacts, rate_report, reopen_report
from jiean.intake.commands.incidents import accept_as_incident, follow_incident
from jiean.intake.commands.index import index_reports
from jiean.intake.commands.referrals import answer_referral, recall_referral, refer_report, rule_referral
from jiean.intake.commands.reports import Contact, submit_report
from jiean.intake.commands.triage import (
    answer_report,
    close_report,
    correct_report,
    merge_reports,
    reject_report,
    split_report,
    undo_merge,
)

__all__ = [
    "Contact",
    "accept_as_incident",
    "add_supplement",
    "answer_referral",
    "answer_report",
    "close_report",
    "correct_report",
    "follow_incident",
    "forget_contacts",
    "index_reports",
    "merge_reports",
    "rate_report",
    "recall_referral",
    "refer_report",
    "reject_report",
    "reopen_report",
    "rule_referral",
    "split_report",
    "submit_report",
    "undo_merge",
]
