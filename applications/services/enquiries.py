"""What the market department records of an enquiry, and the indicative quote."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.fees import QuoteKind, Request, SiteFigures
from applications.models import Application, Enquiry, IndicativeQuote, IndicativeQuoteLine
from applications.services.quotes import priced
from applications.services.serving import people_who_serve, set_customer_service_owner
from applications.services.tariffs import record_of, tariff_for, values_of_lines
from certbody import clock
from certbody.accounts.credit_code import normal_form
from certbody.accounts.models import User
from certbody.body.settings_catalogue import setting
from certbody.cases.models import Part
from certbody.cases.services import next_number, record_part
from certbody.workflow import NotReady

OF_ANOTHER_ORGANISATION = _(
    "This application is of an organisation with another credit code than the enquiry. Change the code of the enquiry "
    "first if that one was wrong."
)
FIELDS = (
    "organisation_name",
    "credit_code",
    "contact_name",
    "contact_phone",
    "contact_email",
    "channel",
    "kind",
    "headcount",
    "site_headcounts",
    "product_categories",
    "agent_kind",
    "agent_name",
    "owner",
    "note",
    "received_on",
    "follow_up_on",
)


def log(enquiry: Enquiry, *, actor: User, values: Mapping[str, Any]) -> dict[str, Any]:
    """Enter an enquiry; its number is E, the year and a running number, such as E2026-0007."""
    year = clock.today().year
    _fill(enquiry, values)
    enquiry.reference = f"E{year}-{next_number(f'enquiry {year}'):04}"
    enquiry.logged_by = actor.person
    enquiry.save()
    return {"reference": enquiry.reference, "channel": enquiry.channel, "kind": enquiry.kind}


def edit(enquiry: Enquiry, *, actor: User, values: Mapping[str, Any]) -> dict[str, Any]:
    changed = _fill(enquiry, values)
    enquiry.save()
    return {"reference": enquiry.reference, "fields": changed}


def _fill(enquiry: Enquiry, values: Mapping[str, Any]) -> list[str]:
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise ValueError(f"not fields of an enquiry: {sorted(unknown)}")
    given = dict(values)
    if given.get("credit_code"):
        given["credit_code"] = normal_form(given["credit_code"])
    changed = sorted(name for name, value in given.items() if getattr(enquiry, name) != value)
    for name in changed:
        setattr(enquiry, name, given[name])
    return changed


def request_of(enquiry: Enquiry) -> Request:
    """What the enquiry asks for; sites have no name yet, only a number and a headcount."""
    counts = [int(count) for count in enquiry.site_headcounts.split(", ") if count]
    sites = (
        SiteFigures(number, f"场所{number}", f"Site {number}", count)
        for number, count in enumerate(counts, 1)
    )
    return Request(
        kind=QuoteKind(enquiry.kind),
        headcount=enquiry.headcount or 0,
        sites=tuple(sites),
        product_categories=enquiry.product_categories,
    )


def quote(enquiry: Enquiry, *, actor: User) -> dict[str, Any]:
    """Work out an indicative quote from the fee table of today; earlier ones stay on record."""
    request = request_of(enquiry)
    if not request.headcount and request.kind != QuoteKind.DATA_CHANGE:
        raise NotReady(_("The headcount is not known yet."))
    tariff = tariff_for(request.kind)
    made = priced(request, tariff)
    row = IndicativeQuote.objects.create(
        enquiry=enquiry,
        position=enquiry.quotes.count() + 1,
        kind=request.kind,
        request={
            "headcount": request.headcount,
            "sites": [site.headcount for site in request.sites],
            "product_categories": request.product_categories,
        },
        tariff=record_of(tariff, request),
        tariff_on=clock.today(),
        person_days=made.person_days,
        total=made.total,
        valid_until=clock.today() + timedelta(days=int(setting("offer_valid_days"))),
        made_by=actor.person,
    )
    IndicativeQuoteLine.objects.bulk_create(
        IndicativeQuoteLine(quote=row, **values) for values in values_of_lines(made)
    )
    return {
        "reference": enquiry.reference,
        "quote": row.position,
        "person_days": str(row.person_days),
        "total": str(row.total),
        "tariff_on": row.tariff_on,
    }


def mail_quote(enquiry: Enquiry, *, actor: User) -> dict[str, Any]:
    """Send the newest quote to the contact; the mail is made of these figures."""
    row = enquiry.quotes.first()
    if row is None or not enquiry.contact_email:
        raise NotReady(_("There is no quote, or no e-mail address to send it to."))
    row.mailed_at = clock.now()
    row.save(update_fields=["mailed_at"])
    return {
        "reference": enquiry.reference,
        "quote": row.position,
        "person_days": str(row.person_days),
        "total": str(row.total),
        "tariff_on": row.tariff_on,
        "valid_until": row.valid_until,
        "lines": [
            {"key": line.key, "quantity": str(line.quantity), "amount": str(line.amount)}
            for line in row.lines.all()
        ],
    }


def link(enquiry: Enquiry, *, actor: User | None, application: Application) -> dict[str, Any]:
    """The enquiry has become an application: who made quotes for it took part in its offer (docs/decisions/0017).

    Its customer-service owner looks after the client, where nobody does yet. Raises NotReady for an application of
    another organisation than the one that asked.
    """
    if not is_of_who_asked(enquiry, application):
        raise NotReady(OF_ANOTHER_ORGANISATION)
    enquiry.application = application
    enquiry.closed_at = clock.now()
    enquiry.save(update_fields=["application", "closed_at"])
    for row in enquiry.quotes.select_related("made_by"):
        record_part(case=application.case, person=row.made_by, part=Part.SALES)
    organisation, owner = application.case.organisation, enquiry.owner
    is_serving = owner is not None and people_who_serve().filter(pk=owner.pk).exists()
    if owner is not None and is_serving and organisation.customer_service_owner_id is None:
        set_customer_service_owner(organisation=organisation, person=owner, actor=actor)
    return {
        "reference": enquiry.reference,
        "case": application.case.reference,
        "days": (clock.today() - enquiry.received_on).days,
    }


def is_of_who_asked(enquiry: Enquiry, application: Application) -> bool:
    """Whether the application is of the organisation whose credit code the enquiry names, if it names one."""
    return enquiry.credit_code in {"", application.case.organisation.credit_code}


def close(enquiry: Enquiry, *, actor: User, reason: str) -> dict[str, Any]:
    enquiry.closing_reason = reason
    enquiry.closed_at = clock.now()
    enquiry.save(update_fields=["closing_reason", "closed_at"])
    return {"reference": enquiry.reference}
