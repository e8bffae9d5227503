"""The documents that demo clients upload: real PDF pages, drawn once and checked like any upload."""

from functools import lru_cache
from io import BytesIO

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.catalogue.kinds import REQUEST_DOCUMENTS
from certbody.files.checks import CheckedFile, check_upload
from certbody.pdf.render import render_pdf
from certbody.scheme.load import shipped

TEMPLATE = "certificates/demo/papers.html"


@lru_cache(maxsize=1)
def papers(scheme_id: str) -> dict[str, CheckedFile]:
    """One page for each kind of document of the scheme, by its key."""
    kinds = (*REQUEST_DOCUMENTS, *shipped(scheme_id).documents)
    pdf = render_pdf(TEMPLATE, {"kinds": kinds}, language="zh-hans")
    made = {}
    with pikepdf.open(BytesIO(pdf)) as whole:
        for kind, page in zip(kinds, whole.pages, strict=True):
            with pikepdf.new() as single:
                single.pages.append(page)
                content = BytesIO()
                single.save(content, deterministic_id=True)
            upload = SimpleUploadedFile(f"{kind.key}.pdf", content.getvalue(), content_type="application/pdf")
            made[kind.key] = check_upload(upload)
    return made
