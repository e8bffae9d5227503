"""Documents that a job draws for the client of a case: one way from the template to the record that names the file."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from certbody.cases.models import Case
from certbody.files.models import Audience, StoredFile
from certbody.files.storage import store
from certbody.outbox.models import Job
from certbody.outbox.services import note_progress
from certbody.pdf.render import render_pdf


def draw_document(
    job: Job,
    *,
    template: str,
    context: dict[str, Any],
    name: str,
    kind: str,
    case: Case,
    record: Callable[[StoredFile], object],
) -> str:
    """Draw a document in Chinese and English, file it for the client, `record` it, and return its address.

    File and record come together or not at all: what is refused meanwhile leaves no document that a client could find.
    """
    note_progress(job, 20)
    pdf = render_pdf(template, context, language="zh-hans")
    note_progress(job, 80)
    with transaction.atomic():
        stored = store(content=pdf, name=name, kind=kind, case=case, audience=Audience.CLIENT)
        record(stored)
    return stored.get_absolute_url()
