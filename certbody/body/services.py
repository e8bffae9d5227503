from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import User
from certbody.body import permissions
from certbody.body.models import BodySetting, ScoringTable
from certbody.body.queries import confirmed_table, next_version, scheme_in, starting_text
from certbody.body.settings_catalogue import entry, setting
from certbody.body.states import ScoringTableState
from certbody.scheme.load import load, shipped, shipped_ids, with_points
from certbody.trail.chain import canonical
from certbody.trail.services import append, locked_head
from certbody.workflow import NotAllowed, NotReady, WrongState


def begin(table: ScoringTable, *, actor: User, remark: str = "") -> dict[str, Any]:
    """Begin a draft from the confirmed table of the scheme, else from the shipped one; its version is the next free."""
    text = starting_text(table.scheme)
    table.version = next_version(table.scheme, load(text).version)
    table.created_by = actor.person
    table.remark = remark
    _hold(table, with_points(text, {}, table.version))
    table.save()
    return {"scheme": table.scheme, "version": table.version, "hash": table.content_hash}


def edit_points(
    table: ScoringTable, *, actor: User, points: Mapping[str, Fraction | str], content_hash: str = ""
) -> dict[str, Any]:
    """Enter points for some clauses; what was confirmed before is no longer this content, so it is confirmed anew."""
    _unchanged(table, content_hash)
    before = scheme_in(table)
    _hold(table, with_points(before, points, _own_version(table)))
    after = scheme_in(table)
    _unconfirm(table)
    table.save()
    changes = {
        clause.id: [str(before.clause(clause.id).points), str(clause.points)]
        for clause in after.clauses
        if clause.points != before.clause(clause.id).points
    }
    return {"points": changes, "version": table.version, "hash": table.content_hash}


def replace_content(
    table: ScoringTable, *, actor: User, content: str, content_hash: str = ""
) -> dict[str, Any]:
    """Take the content of a file in place of the draft's; raises `SchemeFaults` when it is no scoring table."""
    _unchanged(table, content_hash)
    scheme = load(content)
    if scheme.id != table.scheme:
        raise NotReady(_("The file holds another scheme: %(scheme)s.") % {"scheme": scheme.id})
    table.version = scheme.version
    _hold(table, scheme.canonical)
    _unconfirm(table)
    table.save()
    return {"version": table.version, "hash": table.content_hash}


def confirm_as_head(
    table: ScoringTable, *, actor: User, checked_against: str = "", content_hash: str = ""
) -> dict[str, Any]:
    _lock_table_in_force(table)
    _unchanged(table, content_hash)
    table.head_confirmed_by = actor.person
    table.head_confirmed_at = clock.now()
    table.head_checked_against = checked_against
    table.save()
    return {"version": table.version, "hash": table.content_hash}


def confirm_as_quality(
    table: ScoringTable, *, actor: User, checked_against: str = "", content_hash: str = ""
) -> dict[str, Any]:
    _lock_table_in_force(table)
    _unchanged(table, content_hash)
    table.quality_confirmed_by = actor.person
    table.quality_confirmed_at = clock.now()
    table.quality_checked_against = checked_against
    table.save()
    return {"version": table.version, "hash": table.content_hash}


def confirm(table: ScoringTable, *, actor: User | None) -> dict[str, Any]:
    """Both have confirmed: from now on this table grades new cases. Cases that pinned an older one keep it."""
    table.confirmed_at = clock.now()
    table.save(update_fields=["confirmed_at"])
    return {
        "version": table.version,
        "hash": table.content_hash,
        "head": table.head_confirmed_by_id,
        "quality": table.quality_confirmed_by_id,
    }


def older_confirmed(table: ScoringTable) -> ScoringTable | None:
    older = confirmed_table(table.scheme)
    return older if older is not None and older.pk != table.pk else None


def _lock_table_in_force(table: ScoringTable) -> None:
    """Lock what the second confirmation retires, before anything is appended: the trail is locked last.

    Confirmations of one scheme wait for each other at its first table, so that the table in force is the same one
    when it is retired. Retiring locks that table only and waits for no other.
    """
    tables = ScoringTable.objects.select_for_update(no_key=True, of=("self",)).filter(scheme=table.scheme)
    tables.order_by("pk").first()
    tables.filter(state=ScoringTableState.CONFIRMED).order_by("pk").first()


def _hold(table: ScoringTable, content: str) -> None:
    table.content = content
    table.content_hash = load(content).hash


def _own_version(table: ScoringTable) -> str:
    """A changed table does not keep the version of the shipped one, or two contents would carry one version."""
    if table.scheme in shipped_ids() and table.version == shipped(table.scheme).version:
        table.version = next_version(table.scheme, table.version)
    return table.version


def _unconfirm(table: ScoringTable) -> None:
    table.head_confirmed_by = table.quality_confirmed_by = None
    table.head_confirmed_at = table.quality_confirmed_at = None
    table.head_checked_against = table.quality_checked_against = ""


def _unchanged(table: ScoringTable, content_hash: str) -> None:
    if content_hash and content_hash != table.content_hash:
        raise WrongState(_("Somebody has changed this table meanwhile; please look at the page again."))


def fingerprint_of(value: Any) -> str:
    """SHA-256 of a stored value: the trail holds no sentence, address or telephone number."""
    return sha256(canonical(value).encode()).hexdigest()


@transaction.atomic
def hold_settings() -> None:
    """Let nobody else change a setting before the caller's transaction ends: every change ends in the trail."""
    locked_head()


def change_setting(
    *, key: str, value: Any, source: str, actor: User, valid_from: date | None = None
) -> BodySetting:
    """Give a setting another value from a day on, today by default; never for a day that is past."""
    verdict = permissions.is_editor(actor, None)
    if not verdict:
        raise NotAllowed(verdict.reason)
    begins = valid_from or clock.today()
    if begins < clock.today():
        raise NotReady(_("A setting changes today or later: what was decided before keeps its ground."))
    known = entry(key)
    before = known.to_json(setting(key, begins))
    row = BodySetting.objects.create(
        key=key,
        value=known.to_json(value),
        source=source,
        valid_from=begins,
        set_by=actor.person,
        at=clock.now(),
    )
    facts = {
        "key": key,
        "before_sha256": fingerprint_of(before),
        "after_sha256": fingerprint_of(row.value),
        "valid_from": begins,
    }
    append(name="setting.changed", obj=row, case=None, user=actor, data=facts)
    return row
