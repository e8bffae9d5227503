"""The public interface for other programs: the same truth as the register, in JSON (OpenAPI 3.1).

The schema is in English; its sentences are marked here, and the page that shows it says them in the reader's language.
"""

import re
from datetime import date
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_noop
from ninja import NinjaAPI, Query, Schema, Status
from ninja.openapi.docs import DocsBase
from ninja.throttling import BaseThrottle
from pydantic import BeforeValidator, Field

from certbody import clock
from certbody.web import limits
from certificates.queries.register import Entry, as_printed, by_number, by_numbers, search

MOST_NUMBERS = 100
LONGEST_NUMBER = 100  # characters
WRITTEN_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Docs(DocsBase):
    """A page of our own made from the schema: nothing inline, nothing from another host."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema = api.get_openapi_schema()
        operations = [
            {"method": method.upper(), "path": path, **operation}
            for path, methods in schema["paths"].items()
            for method, operation in methods.items()
        ]
        schemas = schema.get("components", {}).get("schemas", {})
        context = {"info": schema["info"], "operations": operations, "schemas": schemas}
        return render(request, "certificates/public/api.html", context)


def checked_day(text: str) -> date | None:
    """A day written as 2027-03-01; None for anything else."""
    try:
        return date.fromisoformat(text) if WRITTEN_DAY.fullmatch(text) else None
    except ValueError:
        return None


def _written_day(value: Any) -> date:
    """A day from outside: numbers, which would count as seconds since 1970, are not days."""
    day = checked_day(value) if isinstance(value, str) else None
    if day is None:
        raise ValueError("not a day written as YYYY-MM-DD")
    return day


class Limit(BaseThrottle):
    """What one address may ask for in a minute, by the name of its limit."""

    def __init__(self, action: str) -> None:
        self.action = action

    def allow_request(self, request: HttpRequest) -> bool:
        return not limits.is_over(request, self.action)

    def wait(self) -> float:
        return limits.WINDOW


Day = Annotated[date, BeforeValidator(_written_day)]

api = NinjaAPI(
    title="certbody register",
    version="1",
    description=gettext_noop(
        "Public status of certificates issued by this certification body. Days are days in Asia/Shanghai."
    ),
    urls_namespace="api",
    docs=Docs(),
    docs_url="/docs",
    openapi_url="/openapi.json",
    throttle=Limit("api"),
)


class Site(Schema):
    name_zh: str
    name_en: str
    address_zh: str
    address_en: str
    activity_zh: str
    activity_en: str


class StatusEntry(Schema):
    status: str = Field(description=gettext_noop("valid, suspended, withdrawn, cancelled or superseded"))
    ground: str
    effective_on: date


class CertificateContent(Schema):
    number: str
    status: str = Field(
        description=gettext_noop(
            "upcoming, valid, suspended, withdrawn, cancelled, expired, superseded; not_issued before its issue"
        )
    )
    is_valid: bool
    on: date = Field(description=gettext_noop("the day that the answer is about"))
    is_ahead: bool = Field(
        description=gettext_noop(
            "the day lies ahead: the answer is as things stand today, a change is not known yet"
        )
    )
    since: date = Field(description=gettext_noop("since when the status holds"))
    grade: str = Field(description=gettext_noop("star5, star4, star3 or qualified"))
    stars: int
    organisation_zh: str
    organisation_en: str
    credit_code: str
    address_zh: str
    address_en: str
    scope_zh: str
    scope_en: str
    standard: str
    rule_number: str
    rule_version: str
    first_issued_on: date
    issued_on: date
    valid_from: date
    expires_on: date = Field(description=gettext_noop("the last valid day, inclusive"))
    next_surveillance_due: date | None
    recertification_due: date | None
    continued_by: str | None = Field(description=gettext_noop("the number that takes over, if any"))
    issued_by_zh: str
    issued_by_en: str
    address: str = Field(description=gettext_noop("where people read the same"))
    sites: list[Site]
    history: list[StatusEntry]


class Problem(Schema):
    detail: str


class SearchResult(Schema):
    query: str
    results: list[CertificateContent]
    has_more: bool = Field(description=gettext_noop("more certificates match; ask more precisely"))


class CheckRequest(Schema):
    numbers: list[Annotated[str, Field(max_length=LONGEST_NUMBER)]] = Field(max_length=MOST_NUMBERS)
    on: Day | None = None


class Checked(Schema):
    number: str
    is_known: bool
    is_valid: bool
    status: str | None
    certificate: CertificateContent | None


class CheckResult(Schema):
    on: date
    results: list[Checked]


def content_of(entry: Entry) -> dict[str, Any]:
    """An entry of the register as plain values; dates stay dates."""
    certificate, facts, standing = entry.certificate, entry.facts, entry.standing
    visit, again = entry.next_surveillance, entry.recertification
    following = certificate.continued_by
    return {
        "number": certificate.number,
        "status": str(standing.status),
        "is_valid": standing.is_valid,
        "on": standing.on,
        "is_ahead": standing.on > clock.today(),
        "since": standing.since,
        "grade": facts["grade"],
        "stars": facts["stars"],
        "organisation_zh": facts["client_name_zh"],
        "organisation_en": facts["client_name_en"],
        "credit_code": facts["credit_code"],
        "address_zh": facts["client_address_zh"],
        "address_en": facts["client_address_en"],
        "scope_zh": facts["scope_zh"],
        "scope_en": facts["scope_en"],
        "standard": facts["standard_code"],
        "rule_number": facts["rule_number"],
        "rule_version": facts["rule_version"],
        "first_issued_on": certificate.first_issued_on,
        "issued_on": certificate.issued_on,
        "valid_from": certificate.valid_from,
        "expires_on": certificate.expires_on,
        "next_surveillance_due": visit.due_on if visit else None,
        "recertification_due": again.due_on if again else None,
        "continued_by": following.number if following else None,
        "issued_by_zh": facts["body_name_zh"],
        "issued_by_en": facts["body_name_en"],
        "address": f"{settings.CERTBODY_URL}/register/{certificate.number}/",
        "sites": facts["sites"],
        "history": [
            {"status": change.status, "ground": change.ground, "effective_on": change.effective_on}
            for change in entry.changes
        ],
    }


@api.post(
    "/certificates/check",
    response={200: CheckResult, 429: Problem},
    summary=gettext_noop("Check up to 100 numbers at once"),
    description=gettext_noop(
        "Answer for each number in the given order; a number that is not known has no status."
    ),
)
def check(request: HttpRequest, wanted: CheckRequest) -> dict[str, Any]:
    day = wanted.on or clock.today()
    known = by_numbers(wanted.numbers, day)
    results = []
    for number in wanted.numbers:
        entry = known.get(as_printed(number))
        results.append(
            {
                "number": number,
                "is_known": entry is not None,
                "is_valid": entry is not None and entry.standing.is_valid,
                "status": str(entry.standing.status) if entry else None,
                "certificate": content_of(entry) if entry else None,
            }
        )
    return {"on": day, "results": results}


@api.get(
    "/certificates/{number}",
    response={200: CertificateContent, 404: Problem, 429: Problem},
    summary=gettext_noop("The truth about one number"),
    description=gettext_noop(
        "Status and printed facts of a certificate today, or on the day `on`; unknown numbers answer 404."
    ),
)
def certificate(request: HttpRequest, number: str, on: Day | None = None) -> Status[Any]:
    entry = by_number(number, on)
    if entry is None:
        return Status(404, {"detail": "There is no certificate with this number."})
    return Status(200, content_of(entry))


@api.get(
    "/certificates",
    response={200: SearchResult, 429: Problem},
    summary=gettext_noop("Search by number, name or credit code"),
    description=gettext_noop(
        "At least two characters of a Chinese (simplified or traditional) or English name; at most 20 results."
    ),
    throttle=[Limit("api"), Limit("search")],
)
def find(request: HttpRequest, q: str = Query("", max_length=200)) -> dict[str, Any]:
    found = search(q)
    return {
        "query": q,
        "results": [content_of(entry) for entry in found.entries],
        "has_more": found.has_more,
    }
