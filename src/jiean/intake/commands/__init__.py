"""Every deed on reports, split by noun."""

from jiean.intake.commands.disputes import accept_as_dispute, count_calls, follow_dispute
from jiean.intake.commands.following import add_supplement, forget_contacts, rate_report, reopen_report
from jiean.intake.commands.holding import hold_report, release_report
from jiean.intake.commands.incidents import accept_as_incident, follow_incident
from jiean.intake.commands.index import index_report, index_reports
from jiean.intake.commands.issues import judge_issue, propose_issues, rename_issue, tell_apart, untell_apart
from jiean.intake.commands.learning import keep_model, step_back, use_model
from jiean.intake.commands.referrals import answer_referral, recall_referral, refer_report, rule_referral
from jiean.intake.commands.reports import Contact, submit_report
from jiean.intake.commands.rights import ask_rights, grant_rights, refuse_rights
from jiean.intake.commands.studying import keep_study
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
    "accept_as_dispute",
    "accept_as_incident",
    "add_supplement",
    "answer_referral",
    "answer_report",
    "ask_rights",
    "close_report",
    "correct_report",
    "count_calls",
    "follow_dispute",
    "follow_incident",
    "forget_contacts",
    "grant_rights",
    "hold_report",
    "index_report",
    "index_reports",
    "judge_issue",
    "keep_model",
    "keep_study",
    "merge_reports",
    "propose_issues",
    "rate_report",
    "recall_referral",
    "refer_report",
    "refuse_rights",
    "reject_report",
    "release_report",
    "rename_issue",
    "reopen_report",
    "rule_referral",
    "split_report",
    "step_back",
    "submit_report",
    "tell_apart",
    "undo_merge",
    "untell_apart",
    "use_model",
]
