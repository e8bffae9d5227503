"""A browser that sends a file in pieces, as `uploads.js` does."""

from typing import Any

from django.test import Client
from django.urls import reverse

from applications.models import Application
from applications.queries.uploads import PURPOSE, target_of
from certbody.files.models import Upload


def begin(browser: Client, application: Application, *, name: str, size: int, kind: str = "profile") -> Any:
    facts = {"purpose": PURPOSE, "target": target_of(application, kind), "name": name, "size": str(size)}
    return browser.post(reverse("files:upload_begin"), facts)


def send(browser: Client, pk: Any, content: bytes, *, offset: int = 0) -> Any:
    address = f"{reverse('files:upload_piece', args=[pk])}?offset={offset}"
    return browser.post(address, content, content_type="application/octet-stream")


def sent(
    browser: Client,
    application: Application,
    content: bytes,
    *,
    name: str = "plan.png",
    kind: str = "profile",
) -> Upload:
    """A file that has arrived whole, in three pieces."""
    answer = begin(browser, application, name=name, size=len(content), kind=kind)
    assert answer.status_code == 201, answer.content
    pk, third = answer.json()["id"], max(len(content) // 3, 1)
    for offset in range(0, len(content), third):
        assert send(browser, pk, content[offset : offset + third], offset=offset).status_code == 200
    return Upload.objects.get(pk=pk)
