"""What a client told of since its application was accepted, and where it may write because of that."""

from applications.catalogue.kinds import sections_of
from applications.catalogue.sections import Section
from applications.models import Application, Contract, ReportedChange
from applications.queries.completeness import contents_of, gaps_in
from applications.states import ApplicationState, ReportedFact, ReportOutcome

# Further staff and sites change each other's figures; the goods say which clauses may be left out.
SECTIONS: dict[str, frozenset[str]] = {
    ReportedFact.HEADCOUNT: frozenset({Section.ORGANISATION, Section.SITES}),
    ReportedFact.SITES: frozenset({Section.ORGANISATION, Section.SITES}),
    ReportedFact.SCOPE: frozenset({Section.CHANGE, Section.SCOPE, Section.EXCLUSIONS}),
    ReportedFact.OTHER: frozenset(Section.values),
}


def latest_report(application: Application) -> ReportedChange | None:
    """The last change that the client told of, however it was settled."""
    return application.reported_changes.select_related("told_by__person", "settled_by").last()


def open_report(application: Application) -> ReportedChange | None:
    """The change that waits for the body."""
    return application.reported_changes.filter(outcome="").select_related("told_by__person").first()


def change_under_way(application: Application) -> ReportedChange | None:
    """The change for which the client may write in its application; None once it was sent again."""
    if application.state != ApplicationState.QUESTIONS:
        return None
    taken_up = application.reported_changes.filter(outcome=ReportOutcome.TAKEN_UP)
    return taken_up.filter(revision=application.revision).last()


def was_taken_up_at(application: Application, revision: int) -> ReportedChange | None:
    """The change because of which the submission after `revision` was made."""
    taken_up = application.reported_changes.filter(outcome=ReportOutcome.TAKEN_UP)
    return taken_up.filter(revision=revision).last()


def change_since(contract: Contract) -> ReportedChange | None:
    """The last change at the client's wish that was taken up after a contract was made."""
    taken_up = contract.application.reported_changes.filter(outcome=ReportOutcome.TAKEN_UP)
    return taken_up.filter(revision__gte=contract.application_revision).last()


def open_sections(application: Application, report: ReportedChange | None) -> frozenset[str]:
    """The sections that the client may write in while a change is under way.

    Those that the change is about, the documents that prove it, and any in which something is missing: nothing may
    keep the client from sending the application.
    """
    every = frozenset(section.value for section in sections_of(application))
    if report is None:
        return every
    named = frozenset().union(*(SECTIONS[fact] for fact in report.about))
    gaps = {gap.section for gap in gaps_in(contents_of(application))}
    return every & (named | {Section.DOCUMENTS.value} | gaps)
