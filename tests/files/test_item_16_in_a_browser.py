"""Item 16 in a browser: whatever lies in a file, it is saved and never run, neither opened nor drawn into a page."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Page

from certbody.files.models import EXTENSIONS, Audience, StoredFile
from certbody.files.storage import write_content
from tests.files.making import pdf, picture, script
from tests.road.people import make_organisation, make_user

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "postgresql", reason="headers do not depend on the database"),
]
ELSEWHERE = "http://elsewhere.example/"
SCRIPT = b"window.ran = true; alert(document.domain)"
HOSTILE = {
    "page.html": ("text/html", b"<html><script>" + SCRIPT + b"</script>page</html>"),
    "drawing.svg": (
        "image/svg+xml",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>' + SCRIPT + b"</script></svg>",
    ),
    "script.js": ("text/javascript", SCRIPT),
    "script.pdf": ("application/pdf", pdf(OpenAction=script())),
}


class Watched:
    """A page of a signed-in owner that remembers dialogs and downloads."""

    def __init__(self, page: Page, session: str, address: str) -> None:
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        self.page, self.dialogs, self.downloads = page, list[str](), list[str]()
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("download", lambda download: self.downloads.append(download.suggested_filename))

    def opens(self, stored: StoredFile) -> str:
        with self.page.expect_download() as download:
            self.page.evaluate("address => { location.href = address }", stored.get_absolute_url())
        return download.value.suggested_filename

    def draws(self, markup: str) -> bool:
        """Whether anything of the markup loads; a page of our own with a policy that lets scripts of ours in."""
        return bool(
            self.page.evaluate(
                """async ([kind, address]) => {
                    const element = document.createElement(kind);
                    const end = new Promise((done) => {
                        element.onload = () => done(true);
                        element.onerror = () => done(false);
                        setTimeout(() => done(false), 1500);
                    });
                    element[kind === "object" ? "data" : "src"] = address;
                    document.body.append(element);
                    const loaded = await end;
                    return loaded && (kind !== "img" || element.naturalWidth > 0);
                }""",
                markup.split(" ", 1),
            )
        )


def keep(name: str, content_type: str, content: bytes, owner_of: object) -> StoredFile:
    """A row as no upload could make it: the type is the hostile one."""
    return StoredFile.objects.create(
        organisation=owner_of,
        kind="evidence",
        audience=Audience.CLIENT,
        name=name,
        content_type=content_type,
        size=len(content),
        sha256=write_content(content, EXTENSIONS.get(content_type, "bin")),
    )


def test_item_16_no_script_of_a_file_runs_and_no_other_site_draws_it(page, live_server):
    owner = make_user()
    organisation, session = make_organisation(owner), Client()
    session.force_login(owner)
    files = {name: keep(name, kind, content, organisation) for name, (kind, content) in HOSTILE.items()}
    photograph = keep("photo.jpg", "image/jpeg", picture("JPEG"), organisation)
    visitor = Watched(page, session.cookies[settings.SESSION_COOKIE_NAME].value, live_server.url)

    page.goto("/register/")
    for name, stored in files.items():
        assert visitor.opens(stored) == name
        assert page.url.endswith("/register/")
    for name in ("script.js", "page.html", "script.pdf"):
        assert not visitor.draws(f"script {files[name].get_absolute_url()}")
    assert visitor.draws(
        f"img {photograph.get_absolute_url()}"
    )  # so that the silence elsewhere means something
    assert page.evaluate("window.ran") is None

    page.route(f"{ELSEWHERE}**", lambda route: route.fulfill(body="<body>x", content_type="text/html"))
    page.goto(ELSEWHERE)
    here = live_server.url
    assert not visitor.draws(f"img {here}{photograph.get_absolute_url()}")
    assert not visitor.draws(f"script {here}{files['script.js'].get_absolute_url()}")
    assert page.evaluate("window.ran") is None
    assert visitor.dialogs == []
