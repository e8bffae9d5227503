"""What `verify_trail` derives again on this floor: votes, decisions, certificates, their PDFs and their history."""

from collections.abc import Iterator, Mapping

from certbody.body.settings_catalogue import setting
from certbody.cases.models import EVALUATION, Involvement, Part
from certbody.files.storage import FileChanged, read
from certbody.pdf.lint import lint_certificate
from certbody.trail import verify
from certbody.trail.models import Event
from certificates.folding import fold_names, terms_of_names
from certificates.models import Ballot, Certificate, Decision, Edition, IssuedDocument, Panel, Seat
from certificates.queries.committee import ballots_fingerprint, tally_of
from certificates.services.issuing import plan_line
from certificates.services.manifest import fingerprint
from certificates.states import (
    PUBLIC_STATES,
    CertificateState,
    DecisionState,
    EditionState,
    Grade,
    Language,
    Outcome,
    PanelState,
)

CHUNK = 500


def register() -> None:
    verify.register(votes, order=40)
    verify.register(decisions, order=41)
    verify.register(impartiality, order=42)
    verify.register(certificates, order=43)
    verify.register(documents, order=44)


def votes() -> Iterator[str]:
    """Closed panels: the stored result, and the one that the trail recorded, equal the count of the ballots."""
    for panel in Panel.objects.filter(state=PanelState.CLOSED).iterator(chunk_size=CHUNK):
        tally = tally_of(panel)
        counted = (tally.votes_for, tally.votes_against, tally.abstained, tally.is_carried)
        where = f"certificates_panel {panel.pk}"
        if counted != (panel.votes_for, panel.votes_against, panel.abstained, panel.carried):
            yield f"{where}: the stored result is not the count of its ballots"
        event = _last_event(panel, "panel.closed")
        if event is None:
            yield f"{where}: the trail does not know of its closing"
        elif counted != tuple(event.data.get(key) for key in ("for", "against", "abstained", "carried")):
            yield f"{where}: the ballots do not give the result that the trail recorded"
        elif event.data.get("ballots_sha256") != ballots_fingerprint(panel):
            yield f"{where}: its ballots are not those that the trail recorded at the closing"


def _events_of(obj: Panel | Certificate | Decision | Edition) -> list[Event]:
    events = Event.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))
    return list(events.order_by("sequence"))


def _last_event(obj: Panel | Certificate | Decision | Edition, name: str = "") -> Event | None:
    events = [event for event in _events_of(obj) if name in {"", event.name}]
    return events[-1] if events else None


def decisions() -> Iterator[str]:
    for decision in Decision.objects.select_related("panel", "report__audit").iterator(chunk_size=CHUNK):
        where, panel = f"certificates_decision {decision.pk}", decision.panel
        if not panel.carried or panel.state != PanelState.CLOSED:
            yield f"{where}: its motion was not carried"
        if (decision.outcome, decision.grade) != (panel.motion_outcome, panel.motion_grade):
            yield f"{where}: it is not what panel {panel.pk} voted on"
        computed = decision.report.audit.grade
        if decision.grade and (
            computed not in Grade.values or Grade(decision.grade).rank > Grade(computed).rank
        ):
            yield f"{where}: grade {decision.grade} is above the computed grade {computed}"
        event = _last_event(decision)
        if event is None or event.target != decision.state:
            yield f"{where}: the trail does not say that it is {decision.state}"


def impartiality() -> Iterator[str]:
    """Nobody who took part in the evaluation has a seat, a ballot or a signature; votes and signatures are recorded."""
    barring = set(EVALUATION) | ({Part.SALES} if setting("sales_barred_from_decision") else set())
    parts: dict[tuple[int, int], set[str]] = {}
    for case, person, part in Involvement.objects.values_list("case", "person", "part").iterator(
        chunk_size=CHUNK
    ):
        parts.setdefault((case, person), set()).add(part)
    for seat in Seat.objects.select_related("panel").iterator(chunk_size=CHUNK):
        if found := barring & parts.get((seat.panel.case_id, seat.person_id), set()):
            yield f"certificates_seat {seat.pk}: the member took part in the case: {', '.join(sorted(found))}"
    for ballot in Ballot.objects.select_related("seat__panel").iterator(chunk_size=CHUNK):
        seat = ballot.seat
        if Part.VOTE not in parts.get((seat.panel.case_id, seat.person_id), set()):
            yield f"certificates_ballot {ballot.pk}: no involvement records the vote"
    for decision in Decision.objects.filter(state=DecisionState.SIGNED).iterator(chunk_size=CHUNK):
        own = parts.get((decision.case_id, decision.signed_by_id or 0), set())
        if Part.SIGNATURE not in own:
            yield f"certificates_decision {decision.pk}: no involvement records the signature"
        if barring & own:
            yield f"certificates_decision {decision.pk}: the signatory took part in the evaluation"


def certificates() -> Iterator[str]:
    """Rows against decision, manifest, history, plan of the cycle, register and trail."""
    rows = Certificate.objects.select_related("decision").prefetch_related(
        "editions__documents", "status_changes", "cycle_dates", "terms"
    )
    for certificate in rows.order_by("pk").iterator(chunk_size=CHUNK):
        where = f"certificates_certificate {certificate.pk} {certificate.number}"
        events = _events_of(certificate)
        if not events or events[-1].target != certificate.state:
            yield f"{where}: the trail does not say that it is {certificate.state}"
        yield from _history(certificate, events, where)
        if certificate.state == CertificateState.VOID:
            continue
        decision = certificate.decision
        if (decision.state, decision.outcome, decision.grade) != (
            DecisionState.SIGNED,
            Outcome.GRANT,
            certificate.grade,
        ):
            yield f"{where}: no signed decision grants {certificate.grade}"
        if certificate.state in PUBLIC_STATES:
            yield from _public_facts(certificate, where)
            yield from _issue(certificate, events, where)


def _history(certificate: Certificate, events: list[Event], where: str) -> Iterator[str]:
    """Every change of status that the trail recorded has its row as it was, and every row its event."""
    recorded = {
        str(event.data["change"]): (
            event.target,
            event.data.get("ground"),
            event.data.get("effective_on"),
            event.actor_person_id,
        )
        for event in events
        if "change" in event.data
    }
    kept = {
        str(change.pk): (change.status, change.ground, change.effective_on.isoformat(), change.person_id)
        for change in certificate.status_changes.all()
    }
    for change in sorted(recorded.keys() | kept.keys()):
        if change not in kept:
            yield f"{where}: certificates_statuschange {change} is missing"
        elif change not in recorded:
            yield f"{where}: the trail does not know of certificates_statuschange {change}"
        elif kept[change] != recorded[change]:
            yield f"{where}: certificates_statuschange {change} is not what the trail recorded"


def _issue(certificate: Certificate, events: list[Event], where: str) -> Iterator[str]:
    """What was planned and printed at the issue is what is kept."""
    issued = next((event.data for event in events if event.name == "certificate.issued"), None)
    if issued is None:
        yield f"{where}: the trail does not know of its issue"
        return
    if sorted(issued.get("cycle", [])) != sorted(plan_line(entry) for entry in certificate.cycle_dates.all()):
        yield f"{where}: the dates of the cycle are not those that were planned at the issue"
    for edition in certificate.editions.all():
        printed = {document.language: document.sha256 for document in edition.documents.all()}
        if edition.number == issued.get("edition") and printed != issued.get("documents"):
            yield f"{where}: its documents are not those that the trail recorded at the issue"


def _public_facts(certificate: Certificate, where: str) -> Iterator[str]:
    editions = [edition for edition in certificate.editions.all() if edition.state == EditionState.CURRENT]
    if len(editions) != 1:
        yield f"{where}: {len(editions)} current editions"
        return
    printed = editions[0].manifest
    for fact in ("number", "grade", "first_issued_on", "issued_on", "valid_from", "expires_on"):
        if str(printed.get(fact)) != str(getattr(certificate, fact)):
            yield f"{where}: {fact} is {getattr(certificate, fact)}, the certificate prints {printed.get(fact)}"
    changes = list(certificate.status_changes.all())
    if not changes or changes[-1].status != certificate.state:
        yield f"{where}: the history does not end with {certificate.state}"
    names = fold_names(str(printed.get("client_name_zh")), str(printed.get("client_name_en")))
    if certificate.searchable != names or {term.term for term in certificate.terms.all()} != set(
        terms_of_names(names)
    ):
        yield f"{where}: the register does not find it by the names that it prints"


def documents() -> Iterator[str]:
    """Every PDF read back: durable, unchanged, and saying what its manifest says."""
    rows = Edition.objects.exclude(state=EditionState.VOID).select_related("certificate")
    for edition in rows.order_by("pk").iterator(chunk_size=CHUNK):
        where = f"certificates_edition {edition.pk} {edition.certificate.number}"
        if fingerprint(edition.manifest) != edition.manifest_sha256:
            yield f"{where}: the manifest was changed"
        kept = {document.language: document for document in edition.documents.select_related("file")}
        yield from _trail_of(edition, kept, where)
        for language in Language.values:
            if language in kept:
                yield from _document(kept[language], edition)
            elif edition.state != EditionState.RESERVED:
                yield f"{where}: the document in {language} is missing"


def _trail_of(edition: Edition, kept: Mapping[str, IssuedDocument], where: str) -> Iterator[str]:
    """Manifest and documents of an edition are those that its events recorded, no more and no fewer."""
    events = _events_of(edition)
    manifests = [event.data.get("manifest_sha256") for event in events if event.name == "edition.reserved"]
    if manifests != [edition.manifest_sha256]:
        yield f"{where}: the manifest is not the one that the trail recorded"
    filed = {
        str(event.data.get("language")): (event.data.get("sha256"), event.data.get("file"))
        for event in events
        if event.name == "edition.document_filed"
    }
    for language in sorted(filed.keys() | kept.keys()):
        document = kept.get(language)
        if document is None:
            yield f"{where}: the document in {language} that the trail recorded is missing"
        elif filed.get(language) != (document.sha256, str(document.file_id)):
            yield (
                f"certificates_issueddocument {document.pk} {edition.certificate.number}: "
                "it is not the document that the trail recorded"
            )


def _document(document: IssuedDocument, edition: Edition) -> Iterator[str]:
    where = f"certificates_issueddocument {document.pk} {edition.certificate.number} {document.file.name}"
    if document.sha256 != document.file.sha256:
        yield f"{where}: its hash is not that of its file"
    try:
        pdf = read(document.file)
    except FileChanged as change:
        yield f"{where}: the file is {change.fault}"
        return
    try:
        faults = lint_certificate(pdf, edition.manifest, document.language)
    except Exception as fault:  # noqa: BLE001 -- whatever a reader of PDFs raises, the file is named and the check goes on
        faults = [f"it cannot be read back ({type(fault).__name__})"]
    for line in faults:
        yield f"{where}: {line}"
