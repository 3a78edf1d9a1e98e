"""Every deed on disputes, split by noun."""

from jiean.disputes.commands.choosing import leave_seat, note_speech, object_mediator, seat_team, stand_back
from jiean.disputes.commands.desks import (
    answer_leg,
    divert_dispute,
    recall_leg,
    reject_dispute,
    rule_desk,
    take_dispute,
)
from jiean.disputes.commands.ending import Terms, fail_dispute, refer_dispute, settle_dispute, withdraw_dispute
from jiean.disputes.commands.erasing import forget_disputes, forget_notes
from jiean.disputes.commands.flagging import (
    lapse_flags,
    lower_flag,
    raise_flag,
    remind_reviews,
    renew_flag,
    review_flag,
)
from jiean.disputes.commands.following import call_back, close_dispute, confirm_applied, reopen_dispute
from jiean.disputes.commands.joining import join_disputes, split_dispute, undo_join
from jiean.disputes.commands.joint import answer_joining, ask_body, give_opinion, release_body, remind_joined
from jiean.disputes.commands.looking import answer_look, forget_looks, link_calls, note_call, tell_look
from jiean.disputes.commands.mediating import (
    assign_mediator,
    begin_mediation,
    correct_dispute,
    extend_mediation,
    hold_clocks,
    record_talk,
    resume_clocks,
    set_manner,
)
from jiean.disputes.commands.mediators import (
    About,
    adopt_mediators,
    drop_certificate,
    drop_mediators,
    import_mediators,
    keep_certificate,
    keep_mediator,
    keep_team,
    propose_mediators,
)
from jiean.disputes.commands.own import (
    ask_again,
    choose_mediator,
    refuse_mediator,
    wish_openness,
    wish_own_speech,
    withdraw_own,
)
from jiean.disputes.commands.papers import issue_paper, sign_paper
from jiean.disputes.commands.posts import drop_duty, keep_post, put_on_duty
from jiean.disputes.commands.precedents import (
    count_opening,
    forget_drafts,
    release_precedent,
    return_precedent,
    tidy_precedents,
    withdraw_precedent,
    write_precedent,
)
from jiean.disputes.commands.protecting import end_protection, protect_parties
from jiean.disputes.commands.queueing import call_next, end_ticket, take_ticket
from jiean.disputes.commands.registering import Side, add_side, drop_side, register_dispute
from jiean.disputes.commands.reminding import remind_due
from jiean.disputes.commands.rules import add_rule, drop_rule
from jiean.disputes.commands.tallying import fold_tally

__all__ = [
    "About",
    "Side",
    "Terms",
    "add_rule",
    "add_side",
    "adopt_mediators",
    "answer_joining",
    "answer_leg",
    "answer_look",
    "ask_again",
    "ask_body",
    "assign_mediator",
    "begin_mediation",
    "call_back",
    "call_next",
    "choose_mediator",
    "close_dispute",
    "confirm_applied",
    "correct_dispute",
    "count_opening",
    "divert_dispute",
    "drop_certificate",
    "drop_duty",
    "drop_mediators",
    "drop_rule",
    "drop_side",
    "end_protection",
    "end_ticket",
    "extend_mediation",
    "fail_dispute",
    "fold_tally",
    "forget_disputes",
    "forget_drafts",
    "forget_looks",
    "forget_notes",
    "give_opinion",
    "hold_clocks",
    "import_mediators",
    "issue_paper",
    "join_disputes",
    "keep_certificate",
    "keep_mediator",
    "keep_post",
    "keep_team",
    "lapse_flags",
    "leave_seat",
    "link_calls",
    "lower_flag",
    "note_call",
    "note_speech",
    "object_mediator",
    "propose_mediators",
    "protect_parties",
    "put_on_duty",
    "raise_flag",
    "recall_leg",
    "record_talk",
    "refer_dispute",
    "refuse_mediator",
    "register_dispute",
    "reject_dispute",
    "release_body",
    "release_precedent",
    "remind_due",
    "remind_joined",
    "remind_reviews",
    "renew_flag",
    "reopen_dispute",
    "resume_clocks",
    "return_precedent",
    "review_flag",
    "rule_desk",
    "seat_team",
    "set_manner",
    "settle_dispute",
    "sign_paper",
    "split_dispute",
    "stand_back",
    "take_dispute",
    "take_ticket",
    "tell_look",
    "tidy_precedents",
    "undo_join",
    "wish_openness",
    "wish_own_speech",
    "withdraw_dispute",
    "withdraw_own",
    "withdraw_precedent",
    "write_precedent",
]
