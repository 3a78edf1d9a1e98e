"""On news from dispatch a report follows its incident; by the clock reports are studied, grouped and learnt from."""

from __future__ import annotations

from jiean.dispatch.events import IncidentClosed, IncidentReopened
from jiean.disputes.events import DisputeEnded, DisputeRegistered, DisputeReopened
from jiean.intake import away, journal, lessons, slow_lane
from jiean.intake.advice import group_reports, with_model
from jiean.intake.commands import (
    count_calls,
    follow_dispute,
    follow_incident,
    index_report,
    index_reports,
    keep_model,
    keep_study,
    propose_issues,
    use_model,
)
from jiean.intake.events import ReportAnswered, ReportReopened, ReportsMerged
from jiean.intake.found import unstudied
from jiean.intake.issues import to_group
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.events import reaction
from jiean.kernel.jobs import job, periodic


@reaction(IncidentClosed)
def tell_the_reporter(event: IncidentClosed) -> None:
    """What came of the incident is the answer to the report."""
    follow_incident(Actor.system(), event.incident_id)


@reaction(IncidentReopened)
def take_up_again(event: IncidentReopened) -> None:
    """A reopened incident opens its report again."""
    follow_incident(Actor.system(), event.incident_id)


@reaction(DisputeEnded)
def tell_of_the_dispute(event: DisputeEnded) -> None:
    """What came of the dispute made of a report is the answer to the reporter."""
    if event.report_id is not None:
        follow_dispute(Actor.system(), event.report_id)


@reaction(ReportsMerged)
def count_the_call(event: ReportsMerged) -> None:
    """A report merged into the one a dispute was made of is one more call about that dispute."""
    count_calls(Actor.system(), event.into_id)


@reaction(DisputeRegistered)
def count_the_calls_before(event: DisputeRegistered) -> None:
    """… as are those merged before the dispute was made."""
    if event.report_id is not None:
        count_calls(Actor.system(), event.report_id)


@reaction(DisputeReopened)
def take_up_the_dispute(event: DisputeReopened) -> None:
    """A dispute taken up again opens the report it was made of."""
    if event.report_id is not None:
        follow_dispute(Actor.system(), event.report_id)


@periodic("intake.study_new_reports", cron="* * * * * */3")
def study_new_reports() -> None:
    """Within seconds a report just taken is read by the model in use and can be found by its words.

    Many at a time and after the deed: when reports pour in, taking them comes first.
    """
    after = 0
    while rows := unstudied(after):
        after = rows[-1].pk
        keep_study(Actor.system(), {row.pk: with_model(row.text, row.advice) for row in rows})


@reaction(ReportAnswered)
def index_the_answer(event: ReportAnswered) -> None:
    """A report is found by its answer and the notes of its history too."""
    index_report(Actor.system(), event.report_id)


@reaction(ReportReopened)
def index_the_reason(event: ReportReopened) -> None:
    """… and by why it was taken up again."""
    index_report(Actor.system(), event.report_id)


@periodic("intake.drain_journal", cron="* * * * * */5")
def drain_journal() -> None:
    """Reports kept on this machine, while the database was away or by the slow lane, are entered in order, some at a time."""
    if journal.state()[0]:
        away.drain(go_on=slow_lane.turn(), wait=False)


@periodic("intake.look_for_hot_issues", cron="17 * * * *")
def look_for_hot_issues() -> None:
    """Once an hour the reports of the last weeks are grouped; what is hot waits for a person's word."""
    propose_issues(Actor.system(), group_reports(to_group(clocks.now())))


@periodic("intake.learn_routes", cron="33 18 * * *")  # 02:33 on the station's clock
def learn_routes() -> None:
    """At night a model is fitted on what people decided; it waits for a person to put it in use."""
    keep_model(Actor.system(), lessons.fitted()[0])


@job("intake.learn_first")
def learn_first() -> None:
    """For a demonstration that has no model yet: fit one and put it in use. No station calls this."""
    if not lessons.in_use():
        use_model(Actor.system(), keep_model(Actor.system(), lessons.fitted()[0]))


@periodic("intake.index_missed", cron="53 2 * * *")
def index_missed() -> None:
    """Reports taken while the station's key was away, or brought in from outside, become findable."""
    after, _made = index_reports(Actor.system())
    while after:
        after, _made = index_reports(Actor.system(), after=after)
