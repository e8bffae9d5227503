"""How far stage 1 is, and the gate before stage 2 (docs/decisions/0017)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.catalogue.kinds import documents_asked
from applications.models import ApplicationDocument, ProposedExclusion
from applications.queries import current_contract, documents_in_force
from audits.models import Audit, Conclusion, DocumentVerdict, ExclusionSettlement, Verdict
from certbody.body.queries import scheme_of
from certbody.scheme.model import Clause, DocumentKind, DocumentNeed

Sentence = str | Promise


@dataclass(frozen=True)
class DocumentLine:
    """One document to judge, or a required kind that was not handed in."""

    kind: DocumentKind
    document: ApplicationDocument | None
    verdict: DocumentVerdict | None
    is_required: bool

    @property
    def is_inadequate(self) -> bool:
        return self.verdict is not None and self.verdict.verdict == Verdict.INADEQUATE

    @property
    def key(self) -> str:
        """Names the line on its page."""
        return str(self.document.pk) if self.document else self.kind.key


@dataclass(frozen=True)
class ExclusionLine:
    """An exclusion that the client proposed and its settlement; a changed reason asks for a new settlement."""

    proposal: ProposedExclusion
    clause: Clause | None
    settlement: ExclusionSettlement | None

    @property
    def is_settled(self) -> bool:
        return self.settlement is not None and self.settlement.reason == self.proposal.reason


@dataclass(frozen=True)
class Condition:
    """One condition of a gate: the statement when it is met, what is missing otherwise."""

    is_met: bool
    statement: Sentence
    missing: Sentence
    link: str


def document_lines(audit: Audit) -> list[DocumentLine]:
    """Everything to judge: each document in force, and each required kind without one."""
    application = audit.case.application
    is_multi_site = application.sites.count() > 1
    attached: dict[str, list[ApplicationDocument]] = {}
    for document in documents_in_force(application):
        attached.setdefault(document.kind, []).append(document)
    verdicts = list(audit.document_verdicts.select_related("person"))
    by_document = {row.document_id: row for row in verdicts if row.document_id}
    by_kind = {row.kind: row for row in verdicts if row.document_id is None}
    lines = []
    for kind in documents_asked(application, scheme_of(audit.case)):
        is_required = kind.required in {DocumentNeed.ALWAYS, DocumentNeed.BEFORE_STAGE2} or (
            kind.required == DocumentNeed.IF_MULTI_SITE and is_multi_site
        )
        documents = attached.get(kind.key, [])
        lines += [DocumentLine(kind, one, by_document.get(one.pk), is_required) for one in documents]
        if is_required and not documents:
            lines.append(DocumentLine(kind, None, by_kind.get(kind.key), is_required))
    return lines


def exclusion_lines(audit: Audit) -> list[ExclusionLine]:
    scheme = scheme_of(audit.case)
    settled = {row.clause: row for row in audit.exclusions.select_related("person")}
    return [
        ExclusionLine(
            proposal,
            scheme.clause(proposal.clause) if scheme.has_clause(proposal.clause) else None,
            settled.get(proposal.clause),
        )
        for proposal in audit.case.application.exclusions.select_related("application")
    ]


def accepted_exclusions(audit: Audit) -> list[ExclusionSettlement]:
    """The exclusions that leave the base: settled, accepted and still proposed for the same reason."""
    lines = exclusion_lines(audit)
    return [
        line.settlement
        for line in lines
        if line.settlement and line.is_settled and line.settlement.is_accepted
    ]


def stage1_link(audit: Audit, part: str = "") -> str:
    address = reverse("audits:stage1", args=[audit.pk])
    return f"{address}#{part}" if part else address


def readiness(audit: Audit) -> list[Condition]:
    """What the conclusion “ready” needs: every document judged and adequate, every exclusion settled."""
    lines = document_lines(audit)
    documents = stage1_link(audit, "documents")
    return [
        Condition(
            all(line.verdict for line in lines),
            _("Every document is judged."),
            _("Some documents are not judged yet."),
            documents,
        ),
        Condition(
            not any(line.is_inadequate for line in lines),
            _("No document is found inadequate."),
            _("A document is found not adequate."),
            documents,
        ),
        Condition(
            all(line.is_settled for line in exclusion_lines(audit)),
            _("Every proposed exclusion is settled."),
            _("A proposed exclusion is not settled yet."),
            stage1_link(audit, "exclusions"),
        ),
    ]


def gate(audit: Audit, unfit: Iterator[Sentence]) -> list[Condition]:
    """The gate between stage 1 and stage 2; `unfit` says who of the team may not audit on the planned days."""
    page = reverse("audits:detail", args=[audit.pk])
    contract = current_contract(audit.case)
    reasons = list(unfit)
    return [
        Condition(
            audit.stage1_conclusion == Conclusion.READY,
            _("Stage 1 is concluded: ready. The client has been told."),
            _("Stage 1 is not concluded as ready."),
            stage1_link(audit),
        ),
        *readiness(audit),
        Condition(
            contract is not None and contract.pk == audit.contract_id,
            _("The application is accepted and its contract is in force."),
            _("The application is in review again, or its changed contract is not accepted yet."),
            page,
        ),
        Condition(
            audit.is_plan_confirmed,
            _("The client has confirmed team and plan as they stand now."),
            _("The client has not confirmed team and plan as they stand now."),
            page,
        ),
        Condition(
            audit.is_plan_reported,
            _("The plan as it stands now is recorded as reported to the regulator."),
            _("The plan as it stands now is not recorded as reported to the regulator."),
            page,
        ),
        Condition(
            not reasons,
            _("Every member of the team is qualified on the planned days and has no interest in the client."),
            reasons[0] if reasons else "",
            page,
        ),
    ]
