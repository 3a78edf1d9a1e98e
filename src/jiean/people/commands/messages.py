"""Notices to staff: a code and the matter it is about; the words are put in when it is shown."""

from __future__ import annotations

from jiean.kernel import clocks
from jiean.kernel.access import admit, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.events import announce
from jiean.people.access import Can
from jiean.people.events import MessageSent
from jiean.people.models import Message


@command
def send_message(
    actor: Actor,
    account_id: int,
    code: str,
    *,
    subject_kind: str = "",
    subject_id: int | None = None,
    body_code: str = "",
) -> Message:
    """Leave a notice for an account. Raises Forbidden."""
    message = Message.objects.create(
        account_id=account_id, code=code, subject_kind=subject_kind, subject_id=subject_id, body_code=body_code
    )
    admit(Can.SEND_MESSAGE, actor, message)
    announce(MessageSent(message.pk, account_ids=(account_id,)))
    return message


@command
def read_message(actor: Actor, message_id: int) -> Message:
    """Mark one's own notice as read. Raises NotFound."""
    message = fetch(Can.READ_MESSAGES, actor, Message, message_id)
    message.read_at = message.read_at or clocks.now()
    message.save(update_fields=["read_at"])
    return message
