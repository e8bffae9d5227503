"""What the client's home says of a change that it told of."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from applications.catalogue.sections import portal_url
from applications.models import ReportedChange
from certbody import clock
from certbody.cases.models import Case
from certbody.desk.home import Note


def notes_on_reports(cases: Sequence[Case]) -> dict[int, Note]:
    """The change that waits for the body, by the case."""
    rows = ReportedChange.objects.filter(application__case__in=cases, outcome="")
    return {row.application.case_id: _note_on(row) for row in rows.select_related("application__case")}


def _note_on(report: ReportedChange) -> Note:
    day = report.told_at.astimezone(clock.BODY_ZONE).date().isoformat()
    sentence = _("You told us of a change on %(day)s; we look at it.") % {"day": day}
    return Note(sentence, portal_url(report.application))
