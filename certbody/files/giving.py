"""How private bytes leave: saved by the browser, never shown or run in the site's name, and kept by nobody between."""

from django.http import HttpResponse


def given_out(content: bytes, content_type: str, disposition: str | None) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": disposition or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store, private",
        },
    )
