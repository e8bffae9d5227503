from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from applications.catalogue.review_items import KEYS, Item, item_of
from applications.catalogue.sections import FIELDS
from applications.models import (
    Application,
    Contract,
    Declination,
    PlatformResult,
    Question,
    ReturnReason,
    ReviewItem,
    Verdict,
)
from applications.models.review import SETTLED
from applications.queries import documents_in_force
from applications.queries.documents import open_remarks
from applications.services.submissions import keep_contents
from applications.states import OPEN_QUOTE
from certbody import clock
from certbody.accounts.models import User
from certbody.body.settings_catalogue import setting
from certbody.files.checks import CheckedFile
from certbody.files.models import Audience
from certbody.files.storage import store
from certbody.workflow import NotReady, WrongState, perform, table

REOPENABLE = frozenset(name for names in FIELDS.values() for name in names)


def review_item(
    application: Application,
    *,
    actor: User,
    key: str,
    verdict: str,
    note: str = "",
    checked_on: date | None = None,
    credit_china: str = "",
    enterprise_credit: str = "",
    field_code: str = "",
    file: CheckedFile | None = None,
) -> dict[str, Any]:
    """Record what the reviewer found on one item of this submission; a second record replaces the first."""
    if key not in KEYS:
        raise ValueError(f"no review item {key!r}")
    item = item_of(key)
    held = application.review_items.filter(revision=application.revision, key=key).first()
    defaults: dict[str, Any] = {
        "verdict": verdict,
        "note": note,
        "checked_on": checked_on,
        "credit_china": credit_china,
        "enterprise_credit": enterprise_credit,
        "field_code": field_code,
        "person": actor.person,
        "at": clock.now(),
        "carried_from": None,
    }
    _check_answer(item, defaults, has_file=file is not None or bool(held and held.file_id))
    if file is not None:
        defaults["file"] = store(
            content=file,
            name=file.name or key,
            kind="application-review",
            case=application.case,
            audience=Audience.STAFF,
            uploaded_by=actor,
            evidence_date=checked_on,
        )
    row, _created = ReviewItem.objects.update_or_create(
        application=application, revision=application.revision, key=key, defaults=defaults
    )
    return {
        "revision": application.revision,
        "item": key,
        "verdict": verdict,
        "sha256": row.file.sha256 if row.file else None,
    }


def _check_answer(item: Item, given: Mapping[str, Any], *, has_file: bool) -> None:
    """What an answer must bring. Raises NotReady."""
    if given["verdict"] == Verdict.NOT_APPLICABLE and not item.may_be_left_out:
        raise NotReady(_("This item is always answered with yes or no."))
    if given["verdict"] != Verdict.FULFILLED:
        if not given["note"]:
            raise NotReady(_("Please say in the note what is open, why not, or why it does not apply."))
        return
    if item.needs_day and given["checked_on"] is None:
        raise NotReady(_("Please record the day of this check."))
    if item.chooses_field and not given["field_code"]:
        raise NotReady(_("Please name the approved field that covers the service."))
    if item.asks_platforms:
        results = (given["credit_china"], given["enterprise_credit"])
        if "" in results:
            raise NotReady(_("Please record what each of the two platforms says."))
        if PlatformResult.SERIOUS in results:
            raise NotReady(_("With a serious entry the answer cannot be yes."))
        if PlatformResult.MINOR in results and not given["note"]:
            raise NotReady(_("Please say in the note which entries there are."))
        if not has_file:
            raise NotReady(_("Please keep a picture of the result."))


def carry_over(application: Application, *, since: int, changed: set[str]) -> None:
    """Keep settled items of an earlier submission whose sections were neither changed nor asked about."""
    asked = set(application.questions.filter(revision=since).values_list("item", flat=True))
    kept = [
        row
        for row in application.review_items.filter(revision=since, verdict__in=SETTLED)
        if row.key in KEYS and row.key not in asked and not item_of(row.key).sections & changed
    ]
    ReviewItem.objects.bulk_create(
        ReviewItem(
            application=application,
            revision=application.revision,
            key=row.key,
            verdict=row.verdict,
            note=row.note,
            checked_on=row.checked_on,
            credit_china=row.credit_china,
            enterprise_credit=row.enterprise_credit,
            field_code=row.field_code,
            file_id=row.file_id,
            person_id=row.person_id,
            at=row.at,
            carried_from=row.carried_from or since,
        )
        for row in kept
    )


def ask(application: Application, *, actor: User, questions: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Put questions to the client.

    Each has a `section`, a `text`, a code of `ReturnReason`, and the review `item` or the kind of `document` that it is
    about, where it is about one. Documents that are asked for again go along, and are reason enough to ask.
    """
    remarks = open_remarks(application)
    if not questions and not remarks:
        raise NotReady(_("There is nothing to ask yet: write at least one question."))
    rows = [
        Question.objects.create(
            application=application,
            revision=application.revision,
            section=question["section"],
            item=question.get("item", ""),
            document=question.get("document", ""),
            reason=question.get("reason", ReturnReason.OTHER),
            text=question["text"],
            asked_by=actor.person,
        )
        for question in questions
    ]
    return {
        "revision": application.revision,
        "questions": [row.pk for row in rows],
        "documents": [remark.document_id for remark in remarks],
        "sections": sorted({row.section for row in rows}),
        "reasons": [str(row.reason) for row in rows],
    }


def answer(application: Application, *, actor: User, question: int, answer: str) -> dict[str, Any]:
    """Record the client's answer; an empty one takes it back."""
    row = application.questions.filter(pk=question, revision=application.revision).first()
    if row is None:
        raise WrongState(_("This question is no longer open; please look at the page again."))
    row.answer = answer
    row.answered_at = clock.now() if answer else None
    row.save(update_fields=["answer", "answered_at"])
    return {"question": row.pk, "is_answered": bool(answer)}


def accept(application: Application, *, actor: User) -> dict[str, Any]:
    """Accept the application; the files that were reviewed are pinned to the event by their hashes."""
    files = documents_in_force(application).order_by("pk").values_list("file__sha256", flat=True)
    return {"revision": application.revision, "documents": list(files)}


def decline(
    application: Application, *, actor: User, reason: str, code: str = Declination.Code.OTHER
) -> dict[str, Any]:
    """Decline with a sentence for the client; the days to appeal are fixed as they are published today."""
    days = int(setting("appeal_days"))
    until = clock.today() + timedelta(days=days)
    application.closing_reason = reason
    application.save(update_fields=["closing_reason"])
    Declination.objects.create(
        application=application,
        code=code,
        appeal_days=days,
        appeal_until=until,
        person=actor.person,
        at=clock.now(),
    )
    return {
        "revision": application.revision,
        "code": str(code),
        "appeal_days": days,
        "appeal_until": until,
    }


def supersede_open_quote(application: Application) -> Contract | None:
    """A quote that nobody has accepted falls with the facts that it was made from."""
    contract = application.contracts.filter(state__in=OPEN_QUOTE).first()
    if contract is not None:
        perform(table("contract").step("supersede"), contract, actor=None)
    return contract


def reopen(
    application: Application,
    *,
    actor: User | None,
    changes: Mapping[str, Any] | None = None,
    reason: str = "",
) -> dict[str, Any]:
    """Put an accepted application back into review: headcount, sites or scope have changed (docs/decisions/0017).

    `changes` holds new values of the application's own fields. The review begins anew as a new revision, in which every
    item is judged again. A quote that is still open falls; the contract in force stays in force, but no longer fits the
    application (`Contract.is_current`) until its amendment is accepted.
    """
    values = dict(changes or {})
    unknown = set(values) - REOPENABLE
    if unknown:
        raise ValueError(f"not fields of an application: {sorted(unknown)}")
    for name, value in values.items():
        setattr(application, name, value)
    application.revision = F("revision") + 1
    application.save(update_fields=[*values, "revision"])
    application.refresh_from_db(fields=["revision"])
    keep_contents(application, actor=actor)
    contract = supersede_open_quote(application)
    return {
        "revision": application.revision,
        "fields": sorted(values),
        "contract": contract.pk if contract else None,
        "has_reason": bool(reason),
    }
