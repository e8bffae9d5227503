"""Making, adjusting and amending a quote: everything before it is offered."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.fees import (
    LINES,
    HeadcountBeyondTable,
    Quote,
    Request,
    SiteFigures,
    Tariff,
    quote,
    quote_kind,
)
from applications.models import Application, Contract, ContractLine, ReportedChange
from applications.queries.reported import change_since
from applications.services.contracts import MAKE_TASK
from applications.services.tariffs import record_of, tariff_for, tariff_of, values_of_lines
from applications.states import AdjustmentCode, ContractState, LineKey, Wish
from certbody import clock
from certbody.accounts.models import User
from certbody.body.settings_catalogue import setting
from certbody.desk.services import close_tasks
from certbody.workflow import NotReady, WrongState, perform, table


def request_of(application: Application) -> Request:
    """What an application asks for, as far as a quote depends on it."""
    further = application.sites.filter(is_head_office=False)
    return Request(
        kind=quote_kind(application.case.kind, application.kind),
        headcount=application.headcount or 0,
        sites=tuple(SiteFigures(site.pk, site.name, site.name_en, site.headcount or 0) for site in further),
        product_categories=application.product_categories or 1,
    )


def quoted_of(application: Application, request: Request) -> dict[str, Any]:
    """The facts that a contract is for: what it stores of them, and what an amendment is compared with."""
    return {
        "kind": request.kind,
        "headcount": request.headcount,
        "product_categories": request.product_categories,
        "scope": application.scope,
        "scope_en": application.scope_en,
        "sites": [
            {
                "pk": site.pk,
                "name": site.name,
                "name_en": site.name_en,
                "address": site.address,
                "headcount": site.headcount or 0,
                "is_head_office": site.is_head_office,
            }
            for site in application.sites.all()
        ],
    }


def request_in(quoted: Mapping[str, Any]) -> Request:
    """The request that stored facts tell of."""
    sites = (site for site in quoted["sites"] if not site["is_head_office"])
    return Request(
        kind=quoted["kind"],
        headcount=quoted["headcount"],
        sites=tuple(
            SiteFigures(site["pk"], site["name"], site["name_en"], site["headcount"]) for site in sites
        ),
        product_categories=quoted["product_categories"],
    )


def priced(request: Request, tariff: Tariff, adjustment: Decimal = Decimal(0)) -> Quote:
    """The quote that a fee table gives. Raises NotReady, saying what the table lacks."""
    if adjustment and LineKey.PERSON_DAYS not in LINES[request.kind]:
        raise NotReady(_("This kind of application has no person-days that could be adjusted."))
    try:
        made = quote(request, tariff, adjustment)
    except HeadcountBeyondTable as fault:
        raise NotReady(
            _("The person-day table has no row for %(headcount)s people: extend it in the settings first.")
            % {"headcount": request.headcount}
        ) from fault
    if made.person_days <= 0 and LineKey.PERSON_DAYS in LINES[request.kind]:
        raise NotReady(_("The adjustment would leave no person-days."))
    return made


def repeated(contract: Contract) -> Quote:
    """The quote worked out again from what the contract stores, whatever the fee table of today says."""
    return quote(request_in(contract.quoted), tariff_of(contract.tariff), contract.adjustment)


def draft(contract: Contract, *, actor: User) -> dict[str, Any]:
    """Make the quote of an accepted application from the fee table of today.

    While a contract is in force the quote is its amendment: it takes that one's place once it is accepted.
    """
    application = contract.application
    contract.case = application.case
    contract.revision = application.contracts.count() + 1
    contract.number = f"{application.case.reference}-C{contract.revision}"
    contract.application_revision = application.revision
    contract.amends = application.contracts.filter(state=ContractState.ACCEPTED).first()
    if contract.amends is not None and not contract.amendment_wish:
        _say_why(contract, change_since(contract.amends))
    made = _take_over(contract, Decimal(0))
    contract.save()
    ContractLine.objects.bulk_create(
        ContractLine(contract=contract, **values) for values in values_of_lines(made)
    )
    _carry_adjustment_over(contract, actor)
    for obj in (application, *application.contracts.all()):
        close_tasks(kinds=[MAKE_TASK], obj=obj)
    return figures_of(contract) | {
        "amends": contract.amends.number if contract.amends else None,
        "adjustment": str(contract.adjustment),
    }


def _say_why(contract: Contract, report: ReportedChange | None) -> None:
    """An amendment that follows from a review names what the client told of, where the client began it."""
    if report is None:
        contract.amendment_wish = Wish.REVIEW
        return
    contract.amendment_wish = Wish.CLIENT
    most = Contract._meta.get_field("amendment_reason").max_length
    contract.amendment_reason = report.description[:most]


def _carry_adjustment_over(contract: Contract, actor: User) -> None:
    """What was agreed for the contract in force is not dropped in silence; beyond the bound it is agreed to again."""
    older = contract.amends
    if older is None or not older.adjustment or contract.person_days + older.adjustment <= 0:
        return
    revise(
        contract,
        actor=actor,
        adjustment=older.adjustment,
        code=older.adjustment_code,
        reason=older.adjustment_reason,
    )


def revise(
    contract: Contract, *, actor: User, adjustment: Decimal, code: str = "", reason: str = ""
) -> dict[str, Any]:
    """Add or take off person-days; ground and reason stay on record (ISO/IEC 17065 7.12; docs/decisions/0015).

    Beyond the bound of the body a second person has to agree before the offer can leave; what was agreed to falls with
    the adjustment that it was about.
    """
    if adjustment and not (reason and code in AdjustmentCode.values):
        raise NotReady(_("An adjustment needs its ground and its reason."))
    made = _take_over(contract, adjustment)
    contract.adjustment = adjustment
    contract.adjustment_code = code if adjustment else ""
    contract.adjustment_reason = reason if adjustment else ""
    contract.adjusted_by = actor.person
    contract.adjusted_at = clock.now()
    contract.adjustment_most_percent = setting("adjustment_most_percent")
    contract.adjustment_is_beyond = is_beyond(
        adjustment, contract.table_days, contract.adjustment_most_percent
    )
    contract.adjustment_approved_by = contract.adjustment_approved_at = None
    contract.adjustment_refusal = ""
    contract.save()
    contract.lines.all().delete()
    ContractLine.objects.bulk_create(
        ContractLine(contract=contract, **values) for values in values_of_lines(made)
    )
    return figures_of(contract) | {
        "adjustment": str(adjustment),
        "ground": contract.adjustment_code,
        "most_percent": contract.adjustment_most_percent,
        "is_beyond": contract.adjustment_is_beyond,
    }


def is_beyond(adjustment: Decimal, table_days: Decimal, most_percent: int) -> bool:
    """Whether an adjustment, either way, is more than so many percent of the days of the table."""
    return abs(adjustment) * 100 > table_days * most_percent


def mark_of_adjustment(contract: Contract) -> str:
    """Names the adjustment that a page shows, so that nobody agrees to another one."""
    return contract.adjusted_at.isoformat() if contract.adjusted_at else ""


def _refuse_unseen(contract: Contract, seen: str | None) -> None:
    if seen is not None and seen != mark_of_adjustment(contract):
        raise WrongState(_("The adjustment has changed while you read it; please look at the page again."))


def approve_adjustment(contract: Contract, *, actor: User, seen: str | None = None) -> dict[str, Any]:
    """Agree to the adjustment; `seen` names the one that the second person read."""
    _refuse_unseen(contract, seen)
    contract.adjustment_approved_by = actor.person
    contract.adjustment_approved_at = clock.now()
    contract.adjustment_refusal = ""
    contract.save(update_fields=["adjustment_approved_by", "adjustment_approved_at", "adjustment_refusal"])
    return {"number": contract.number, "adjustment": str(contract.adjustment)}


def refuse_adjustment(
    contract: Contract, *, actor: User, reason: str, seen: str | None = None
) -> dict[str, Any]:
    """The adjustment stays as it is but cannot be offered: the contract officer makes another one."""
    _refuse_unseen(contract, seen)
    contract.adjustment_refusal = reason
    contract.save(update_fields=["adjustment_refusal"])
    return {"number": contract.number, "adjustment": str(contract.adjustment)}


def amend(contract: Contract, *, actor: User, wish: str, reason: str) -> dict[str, Any]:
    """Begin the contract that is to take the place of this one, which stays in force until the client accepts it."""
    if wish not in {Wish.CLIENT, Wish.BODY} or not reason:
        raise NotReady(_("An amendment needs its reason and at whose wish it is made."))
    wanted = Contract(
        case=contract.case,
        application=contract.application,
        amendment_wish=wish,
        amendment_reason=reason,
    )
    made = perform(table("contract").step("draft"), wanted, actor=actor)
    return {"number": contract.number, "amendment": made.number, "wish": wish}


def _take_over(contract: Contract, adjustment: Decimal) -> Quote:
    """Work the quote out from the application and the fee table of today, and note both."""
    application = contract.application
    request = request_of(application)
    tariff = tariff_for(request.kind)
    made = priced(request, tariff, adjustment)
    contract.kind = request.kind
    contract.headcount = request.headcount
    contract.quoted = quoted_of(application, request)
    contract.tariff = record_of(tariff, request)
    contract.tariff_on = date.fromisoformat(contract.tariff["on"])
    contract.person_days = made.person_days
    contract.total = made.total
    return made


def figures_of(contract: Contract) -> dict[str, Any]:
    return {
        "number": contract.number,
        "kind": contract.kind,
        "person_days": str(contract.person_days),
        "total": str(contract.total),
        "headcount": contract.headcount,
        "tariff_on": contract.tariff_on,
    }
