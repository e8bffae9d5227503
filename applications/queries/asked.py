"""What a returned application asks of its client, in the order in which it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from applications.models import Application, DocumentVerdict, Question
from applications.queries.documents import findings_of, names_of_kinds, remarks_for_client
from applications.states import ApplicationState


@dataclass(frozen=True)
class Asked:
    """`documents` are those still to be brought again, `brought` the names of those that have been since."""

    documents: Sequence[dict[str, Any]]
    brought: Sequence[str]
    questions: Sequence[Question]

    @property
    def unanswered(self) -> Sequence[Question]:
        return [question for question in self.questions if not question.answer]

    @property
    def all_documents(self) -> int:
        return len(self.documents) + len(self.brought)

    @property
    def total(self) -> int:
        return self.all_documents + len(self.questions)

    @property
    def done(self) -> int:
        return self.total - len(self.documents) - len(self.unanswered)

    @property
    def is_done(self) -> bool:
        return self.done == self.total


def asked_in(application: Application) -> Asked | None:
    """What the client was asked for when the application came back; None while nothing is asked."""
    if application.state != ApplicationState.QUESTIONS:
        return None
    return Asked(
        documents=remarks_for_client(application),
        brought=_brought(application),
        questions=list(application.questions.filter(revision=application.revision)),
    )


def _brought(application: Application) -> list[str]:
    """The documents asked for again with this return that another version has replaced, or that were taken out."""
    rows = findings_of(application).filter(revision=application.revision).select_related("document", "person")
    latest = {row.document_id: row for row in rows}
    gone = [
        row.document
        for row in latest.values()
        if row.verdict == DocumentVerdict.ASK_AGAIN
        and (row.document.replaced_by_id is not None or row.document.removed_at is not None)
    ]
    names = names_of_kinds(application) if gone else {}
    return [names.get(document.kind, document.kind) for document in gone]
