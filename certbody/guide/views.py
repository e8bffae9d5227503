from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certbody.guide.pages import INDEX, links, page


@require_safe
def guide(request: HttpRequest, slug: str = INDEX) -> HttpResponse:
    """A page of the guide in the reader's language; public, for it says nothing about anybody."""
    try:
        found = page(slug)
    except KeyError:
        raise Http404 from None
    return render(request, "guide/page.html", {"page": found, "links": links(), "is_index": slug == INDEX})
