"""Puts a canary into every free text that the database holds, and says where one has come alive.

What is free text is found from the models: every text field is one unless MACHINE names it, so a new field is covered
by itself. A canary is the worst that its length allows: markup, a way out of attributes, an address that runs, two
template languages and an invisible sign; its number tells from which field it comes.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models

from certbody import triggers
from certbody.accounts.models import Person
from certbody.body import preparation
from certbody.body.models import BodySetting
from certbody.body.settings_catalogue import ENTRIES, Kind
from certbody.clock import today

FLOORS = {"certbody", "applications", "audits", "certificates"}

# Texts that the product composes itself: keys, hashes, numbers, paths, projections.
MACHINE = {
    *(
        "web.idempotencykey.location",
        "web.idempotencykey.content",
        "web.savedfilter.list_key",
        "web.savedfilter.query",
        "accounts.person.identity_sealed",
        "accounts.person.identity_fingerprint",
    ),
    *("accounts.user.password", "accounts.user.language", "accounts.organisation.credit_code"),
    "accounts.invitation.token_hash",
    *("body.bodysetting.key", "body.scoringtable.scheme", "body.scoringtable.version"),
    *("body.scoringtable.content", "body.scoringtable.content_hash"),
    *("cases.case.reference", "cases.case.scheme", "cases.case.scheme_version", "cases.case.scheme_hash"),
    *("cases.caseaccess.ground", "cases.counter.name"),
    *("trail.event.name", "trail.event.object_type", "trail.event.object_id", "trail.event.source"),
    *("trail.event.target", "trail.event.previous_hash", "trail.event.hash", "trail.trailhead.hash"),
    *("outbox.message.kind", "outbox.message.object_type", "outbox.message.object_id"),
    *("outbox.message.recipient", "outbox.message.language", "outbox.message.message_id"),
    *("outbox.job.kind", "outbox.job.object_type", "outbox.job.object_id", "outbox.job.recipient"),
    *("files.upload.purpose", "files.upload.target"),
    *("files.storedfile.content_type", "files.storedfile.sha256"),
    *("files.scan.sha256", "files.scan.infection"),
    *("desk.task.kind", "desk.task.object_type", "desk.task.object_id"),
    *("desk.task.audience", "desk.task.path"),
    *("applications.applicationdocument.kind", "applications.proposedexclusion.clause"),
    *(
        "applications.contract.number",
        "applications.contract.pdf_sha256",
        "applications.contract.template_version",
    ),
    *(
        "applications.contract.accepted_sha256",
        "applications.enquiry.reference",
        "applications.enquiry.credit_code",
        "applications.enquiry.site_headcounts",
    ),
    *("applications.selfassessment.scheme", "applications.selfassessment.scheme_version"),
    "applications.selfassessment.scheme_hash",
    *("applications.reviewitem.key", "applications.question.section", "applications.question.item"),
    *("applications.reviewitem.field_code", "applications.question.document"),
    *("applications.invoice.number", "applications.invoice.electronic_number"),
    *("applications.creditnote.number", "applications.bankstatement.sha256"),
    "applications.bankline.fingerprint",
    *("audits.audit.operations_hash", "audits.audit.grade", "audits.audit.final_exact"),
    *("audits.scoreoperation.clause", "audits.mark.clause", "audits.finding.number"),
    *("audits.finding.ground", "audits.finding.clause", "audits.documentverdict.kind"),
    *("audits.exclusionsettlement.clause", "audits.concern.clause"),
    *("certificates.certificate.number", "certificates.certificate.scheme"),
    *("certificates.certificate.scope_key", "certificates.certificate.searchable"),
    "certificates.edition.manifest_sha256",
    *("certificates.issueddocument.sha256", "certificates.registerterm.term"),
}
NEVER_TYPED = (models.EmailField, models.SlugField)
SETTING = "zq999z"  # of texts that the staff set for the whole body
COMPOSED = "zq998z"  # of words inside a stored document that belong to no field

LONG = (
    "{mark}<script>zq()</script>\"'><svg/onload=zq()></textarea>javascript:zq()"
    "zq{{{{7*7}}}}zq{{0.__class__}}%s\u200b"
)
MEDIUM = "{mark}\"'><svg/onload=zq()>zq{{{{7*7}}}}zq\u200b"
SHORT = "{mark}\"'>{{{{7*7}}}}"
MARK = re.compile(r"zq\d{3}z")
OUT_OF_PLACE = re.compile(r"zq\d{3}z[\"'<>]")
COMPUTED = re.compile(r"zq49zq|zq\d{3}z49")
MARKUP = (
    "<script>zq",
    "<svg/onload",
    "</textarea><",
    "</textarea>javascript",
    '="javascript:',
    "='javascript:",
)


def _texts() -> Iterator[tuple[type[models.Model], Any, str]]:
    for model in sorted(apps.get_models(), key=lambda known: known._meta.label_lower):
        if model.__module__.partition(".")[0] in FLOORS:
            for field in model._meta.local_fields:
                if isinstance(field, models.CharField | models.TextField) and not field.choices:
                    yield model, field, f"{model._meta.label_lower}.{field.name}"


def text_labels() -> set[str]:
    return {label for _model, _field, label in _texts()}


def free_texts() -> Iterator[tuple[type[models.Model], Any, str]]:
    """Every field that holds what somebody wrote, with its mark."""
    for number, (model, field, label) in enumerate(_texts()):
        if label not in MACHINE and not isinstance(field, NEVER_TYPED):
            yield model, field, f"zq{number:03}z"


def canary(mark: str, length: int | None) -> str:
    """The worst text that fits."""
    texts = [pattern.format(mark=mark) for pattern in (LONG, MEDIUM, SHORT)]
    return next((text for text in texts if length is None or len(text) <= length), mark)


@cache
def _marks() -> dict[str, str]:
    return {f"{model._meta.label_lower}.{field.name}": mark for model, field, mark in free_texts()}


def labels() -> list[str]:
    return list(_marks())


def mark_of(label: str) -> str:
    return _marks()[label]


def marks_of(*beginnings: str) -> set[str]:
    """The canaries of all fields whose label begins like this; an empty beginning stands for everything."""
    found = {mark for label, mark in _marks().items() if label.startswith(beginnings)}
    return found | {SETTING, COMPOSED} if "" in beginnings else found


def release(author: Person) -> None:
    """Change every row: what people wrote becomes canaries, in fields, stored documents and settings alike."""
    for entry in ENTRIES:
        if entry.kind is Kind.TEXT and not entry.checks:
            value = canary(SETTING, entry.most)
            BodySetting.objects.create(
                key=entry.key, value=value, valid_from=today(), source="test", set_by=author
            )
    with preparation.as_owner():
        triggers.drop_all(connection)
        replaced = _in_fields()
        _in_documents(replaced)
        triggers.create_all(connection)


def _in_fields() -> dict[str, str]:
    replaced: dict[str, str] = {}
    for model, field, mark in free_texts():
        text = canary(mark, field.max_length)
        old = model._default_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)
        replaced |= dict.fromkeys(filter(None, old), text)
        model._default_manager.update(**{field.name: text})
    return replaced


def _in_documents(replaced: dict[str, str]) -> None:
    for model in apps.get_models():
        fields = [field.name for field in model._meta.local_fields if isinstance(field, models.JSONField)]
        if not fields or model is BodySetting or model.__module__.partition(".")[0] not in FLOORS:
            continue
        for row in model._default_manager.all():
            changed = {name: _poisoned(getattr(row, name), replaced) for name in fields}
            model._default_manager.filter(pk=row.pk).update(**changed)


def _poisoned(value: Any, replaced: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _poisoned(inner, replaced) for key, inner in value.items()}
    if isinstance(value, list):
        return [_poisoned(inner, replaced) for inner in value]
    if isinstance(value, str) and (value in replaced or re.search(r"\s|[\u4e00-\u9fff]", value)):
        return replaced.get(value) or canary(COMPOSED, None)
    return value


def alive_in(page: str) -> list[str]:
    """What of a page of HTML would no longer be text: a way out of its place, markup, an address that runs."""
    return [found[0] for found in OUT_OF_PLACE.finditer(page)] + computed_in(page) + _markup_in(page.lower())


def _markup_in(page: str) -> list[str]:
    return [markup for markup in MARKUP if markup in page]


def computed_in(text: str) -> list[str]:
    """Where a text, in which markup is harmless, was taken for a template."""
    return COMPUTED.findall(text)


def shown_in(page: str) -> set[str]:
    return set(MARK.findall(page))
