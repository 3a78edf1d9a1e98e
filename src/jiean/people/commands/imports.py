"""A table of staff, written whole or not at all."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jiean.grid.queries import cell_ids_by_code
from jiean.kernel import clocks
from jiean.kernel.access import admit, allow, fetch
from jiean.kernel.actor import Actor, Role
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid
from jiean.people.access import Can
from jiean.people.commands.accounts import create_account
from jiean.people.commands.roles import give_role
from jiean.people.imports import Line, StaffPlan
from jiean.people.models import Account, Duty, StaffDraft
from jiean.people.queries import organisations_by_name


@command
def propose_staff(actor: Actor, plan: StaffPlan) -> StaffDraft:
    """Keep a table read from a file until it is confirmed or dropped. Raises Forbidden."""
    draft = StaffDraft.objects.create(account_id=actor.account_id, plan=plan.as_json())
    return admit(Can.IMPORT_STAFF, actor, draft)


@command
def adopt_staff(actor: Actor, draft_id: int, *, version: int | None = None) -> StaffDraft:
    """Import a kept table; the roles wait for confirmation as always. Raises NotFound, IllegalMove, Conflict, Invalid."""
    draft = fetch(Can.IMPORT_STAFF, actor, StaffDraft, draft_id, version=version)
    plan = StaffPlan.from_json(draft.plan)
    StaffDraft.WORKFLOW.move(draft, StaffDraft.State.ADOPTED, by=actor, plan=StaffPlan().as_json())
    import_people(actor, plan)
    return draft


@command
def drop_staff(actor: Actor, draft_id: int) -> StaffDraft:
    """Throw a kept table away. Raises NotFound, IllegalMove."""
    draft = fetch(Can.IMPORT_STAFF, actor, StaffDraft, draft_id)
    StaffDraft.WORKFLOW.move(draft, StaffDraft.State.DROPPED, by=actor, plan=StaffPlan().as_json())
    return draft


@command
def import_people(actor: Actor, plan: StaffPlan) -> int:
    """Make the accounts of a table with their roles and duties; return how many. Raises Forbidden, Invalid."""
    allow(Can.IMPORT_STAFF, actor)
    if plan.faults:
        raise Invalid(file=_("表格里还有 %(count)d 处错误，没有导入任何人。") % {"count": len(plan.faults)})
    organisations = organisations_by_name()
    cells = cell_ids_by_code()
    for line in plan.lines:
        account = create_account(
            actor,
            line.username,
            line.name,
            phone=line.phone,
            organisation_id=organisations.get(line.organisation),
        )
        for role in line.roles:
            give_role(actor, account.pk, Role(role))
        _write_duties(account, line, cells)
    return len(plan.lines)


def _write_duties(account: Account, line: Line, cells: dict[str, int]) -> None:
    kind = Duty.Kind.OFFICER if Role.OFFICER.value in line.roles else Duty.Kind.WORKER
    missing = [code for code in line.cells if code not in cells]
    if missing:
        raise Invalid(file=_("网格“%(code)s”刚刚停用了，请重新上传。") % {"code": missing[0]})
    Duty.objects.bulk_create(
        Duty(account=account, cell_id=cells[code], kind=kind, since=clocks.now()) for code in line.cells
    )
