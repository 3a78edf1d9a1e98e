"""Accounts, roles and duties: who may give what, and what is gone at once."""

from __future__ import annotations

import datetime as dt

import pytest

from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from jiean.people.commands import (
    assign_duty,
    begin_absence,
    change_account,
    choose_role,
    close_account,
    confirm_role,
    cover_duty,
    create_account,
    end_duty,
    give_role,
    hand_over,
    issue_password,
    read_message,
    send_message,
    take_role,
)
from jiean.people.models import Absence, Account, Duty, RoleHolding
from jiean.people.queries import actor_of, messages, own_roles, roles_to_confirm, who_answers
from tests.town import SYSTEM, Town

DAY = dt.timedelta(days=1)


def holders(town: Town, code: str, at: dt.datetime | None = None) -> list[tuple[str, bool]]:
    return [(holder.name, holder.cover) for holder in who_answers(town.cells[code].pk, at)]


def test_a_role_takes_three_people(town: Town) -> None:
    account = create_account(town.admin, "zhaolei", "赵磊")
    holding = give_role(town.admin, account.pk, Role.DISPATCHER)
    assert actor_of(account.pk, Role.DISPATCHER) is None, "not before a second person said yes"
    assert roles_to_confirm(town.admin) == []
    with pytest.raises(NotFound):
        confirm_role(town.admin, holding.pk)
    assert [row.account.name for row in roles_to_confirm(town.commander)] == ["赵磊"]
    confirm_role(town.commander, holding.pk)
    assert actor_of(account.pk, Role.DISPATCHER) is not None
    with pytest.raises(Invalid):
        confirm_role(town.commander, holding.pk)


def test_nobody_gives_or_takes_a_role_of_their_own(town: Town) -> None:
    own = town.accounts["shenqing"].pk
    with pytest.raises(Invalid):
        give_role(town.admin, own, Role.COMMANDER)
    with pytest.raises(NotFound):
        take_role(town.admin, own, Role.ADMIN)
    commander = town.accounts["hanli"].pk
    holding = give_role(town.admin, commander, Role.OFFICER)
    with pytest.raises(NotFound):
        confirm_role(town.commander, holding.pk)
    with pytest.raises(Forbidden):
        give_role(town.commander, town.accounts["zhouping"].pk, Role.OFFICER)


@pytest.mark.parametrize(
    ("first", "second"), [(Role.ADMIN, Role.AUDITOR), (Role.OFFICER, Role.ADMIN), (Role.AUDITOR, Role.OFFICER)]
)
def test_administrators_and_auditors_are_nothing_else(town: Town, first: Role, second: Role) -> None:
    account = create_account(SYSTEM, "someone", "某人")
    give_role(SYSTEM, account.pk, first)
    with pytest.raises(Invalid):
        give_role(SYSTEM, account.pk, second)
    assert [holding.role for holding in RoleHolding.objects.filter(account=account)] == [first]


def test_a_role_taken_is_gone_with_the_next_look(town: Town) -> None:
    officer = town.market_officer
    take_role(town.admin, officer.account_id, Role.OFFICER)
    assert actor_of(officer.account_id, Role.OFFICER) is None
    with pytest.raises(NotFound):
        take_role(town.admin, officer.account_id, Role.OFFICER)
    give_role(SYSTEM, officer.account_id, Role.OFFICER)
    assert actor_of(officer.account_id, Role.OFFICER) is not None


def test_one_acts_in_a_role_one_holds(town: Town) -> None:
    officer = town.market_officer
    with pytest.raises(NotFound):
        choose_role(officer, Role.COMMANDER)
    give_role(SYSTEM, officer.account_id, Role.MEDIATOR)
    assert own_roles(officer) == [Role.OFFICER, Role.MEDIATOR]
    choose_role(officer, Role.MEDIATOR)
    assert Account.objects.get(pk=officer.account_id).active_role == Role.MEDIATOR
    with pytest.raises(NotFound):
        choose_role(Actor.public(), Role.OFFICER)


def test_a_closed_account_leaves_everything(town: Town) -> None:
    officer = town.market_officer
    close_account(town.admin, officer.account_id)
    assert actor_of(officer.account_id, Role.OFFICER) is None
    assert holders(town, "SJ-001") == []
    with pytest.raises(Invalid):
        assign_duty(town.commander, officer.account_id, town.cells["SJ-001"].pk, Duty.Kind.OFFICER)


def test_accounts_are_checked_and_found_by_pinyin(town: Town) -> None:
    for username in ("", "a", "有 空格", "x" * 41, "<b>"):
        with pytest.raises(Invalid) as refusal:
            create_account(town.admin, username, "某人")
        assert "username" in refusal.value.fields
    with pytest.raises(Invalid):
        create_account(town.admin, "hanli", "同名")
    with pytest.raises(Forbidden):
        create_account(town.commander, "newone", "某人")
    account = create_account(town.admin, "ouyang", "欧阳娜娜", phone="138 0000 1234")
    assert account.pinyin == "ouyangnana oynn"
    assert not account.has_usable_password()
    with pytest.raises(Conflict):
        change_account(town.admin, account.pk, name="欧阳", version=99)
    with pytest.raises(Invalid):
        change_account(town.admin, account.pk, name="欧阳", phone="一二三")
    password = issue_password(town.admin, account.pk)
    assert Account.objects.get(pk=account.pk).check_password(password)


def test_duties_overlap_end_and_are_handed_over(town: Town) -> None:
    cell = town.cells["SJ-001"]
    worker = town.newcomer(Role.SOCIAL_WORKER, "SJ-001", name="孙悦")
    assert holders(town, "SJ-001") == [("王小明", False), ("孙悦", False)], "officers before workers"
    duty = Duty.objects.get(account=town.accounts["wangxm"])
    with pytest.raises(Invalid):
        assign_duty(town.commander, duty.account_id, cell.pk, Duty.Kind.OFFICER)
    with pytest.raises(Invalid):
        hand_over(town.market_officer, duty.pk, town.accounts["liwei"].pk, note="")
    with pytest.raises(NotFound):
        hand_over(town.school_officer, duty.pk, town.accounts["liwei"].pk, note="夜里市场要多看")
    before = clocks.now()
    hand_over(town.market_officer, duty.pk, town.accounts["liwei"].pk, note="夜里市场要多看")
    assert holders(town, "SJ-001") == [("李卫", False), ("孙悦", False)]
    assert holders(town, "SJ-001", before)[0] == ("王小明", False), "the past stays"
    assert cell.pk not in town.actor("wangxm").cell_ids
    assert cell.pk in town.actor("liwei").cell_ids
    with pytest.raises(Invalid):
        end_duty(town.commander, duty.pk)
    with pytest.raises(NotFound):
        end_duty(worker, duty.pk)


def test_a_cover_answers_first_while_the_officer_is_away(town: Town) -> None:
    duty = Duty.objects.get(account=town.accounts["wangxm"])
    now = clocks.now()
    cover_duty(town.commander, duty.pk, town.accounts["liwei"].pk, since=now, until=now + 2 * DAY)
    assert holders(town, "SJ-001") == [("李卫", True), ("王小明", False)]
    begin_absence(town.market_officer, duty.account_id, since=now, until=now + DAY, reason=Absence.Reason.LEAVE)
    assert holders(town, "SJ-001") == [("李卫", True)]
    assert holders(town, "SJ-001", now + 3 * DAY) == [("王小明", False)]
    assert town.cells["SJ-001"].pk in town.actor("liwei").cell_ids
    with pytest.raises(Forbidden):
        begin_absence(town.school_officer, duty.account_id, since=now, until=now + DAY, reason=Absence.Reason.LEAVE)
    with pytest.raises(Invalid):
        cover_duty(town.commander, duty.pk, town.accounts["liwei"].pk, since=now, until=now)


def test_messages_are_their_receivers_alone(town: Town) -> None:
    message = send_message(SYSTEM, town.accounts["wangxm"].pk, "duty.changed", subject_kind="people.duty", subject_id=1)
    assert [row.pk for row in messages(town.market_officer)] == [message.pk]
    assert messages(town.school_officer) == []
    with pytest.raises(NotFound):
        read_message(town.school_officer, message.pk)
    read_message(town.market_officer, message.pk)
    assert messages(town.market_officer) == []
