"""Load the demo body once: accounts, a confirmed scoring table, and the cases on their days."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import islice, product

from django.db import transaction

from applications.services.organisations import create_organisation
from certbody import clock
from certbody.accounts.models import Organisation, Person, User
from certbody.body.models import ScoringTable
from certbody.outbox.services import quietly
from certbody.outbox.sweeper import sweep
from certbody.trail.checkpoints import write_checkpoint
from certbody.trail.models import Event
from certbody.trail.services import append
from certificates.demo import market
from certificates.demo.applying import SCHEME, take
from certificates.demo.billing import make_invoices
from certificates.demo.cast import FURTHER_STORIES, STORIES, first_day
from certificates.demo.clients import tell_of_clients
from certificates.demo.companies import COMPANIES, Company
from certificates.demo.documents import licence_that_ends_soon
from certificates.demo.kept_filters import keep_filters
from certificates.demo.kinds import tell_kinds
from certificates.demo.people import Account, account, make_account, make_people
from certificates.demo.road import Road

LOADED = "demo.loaded"
OWNERS = ("client", "client2")
REGIONS = (("华南", "South China"), ("华北", "North China"))


class BodyIsTakenError(Exception):
    """People are there already: another body, or a demo whose loading was interrupted."""


def is_loaded() -> bool:
    return Event.objects.filter(name=LOADED).exists()


def load() -> bool:
    """Load the demo body; False when it is there already. Everything that has a state gets it through steps."""
    if is_loaded():
        return False
    if Person.objects.exists():
        raise BodyIsTakenError
    with quietly():
        make_people()
        confirm_tables()
        for company, (days_ago, story) in zip(_companies(), (*STORIES, *FURTHER_STORIES), strict=True):
            tell(company, first_day(days_ago), story)
        tell_kinds()
        tell_of_clients()
        market.enquire()
        client = account(OWNERS[0])
        licence_that_ends_soon(client.organisations.get(), owner=client)
        make_invoices()
        keep_filters()
        sweep()
    with transaction.atomic():
        append(name=LOADED, obj=account("admin"), case=None, user=None, data={"cases": len(STORIES)})
    write_checkpoint()
    return True


def _companies() -> list[Company]:
    """Sixteen companies of the cast, and sister companies for the further stories, region after region."""
    sisters = islice(product(REGIONS, COMPANIES[2:]), len(FURTHER_STORIES))
    further = [
        Company(
            number=number,
            name=company.name.replace("有限公司", f"（{region}）有限公司"),
            name_en=company.name_en.replace(" Co.,", f" ({region_en}) Co.,"),
            city=company.city,
            city_en=company.city_en,
            trade=company.trade,
            trade_en=company.trade_en,
            headcount=company.headcount + 5,
            goods=company.goods,
        )
        for number, ((region, region_en), company) in enumerate(sisters, start=len(COMPANIES) + 1)
    ]
    return [*COMPANIES, *further]


def confirm_tables() -> None:
    """The head and the quality manager confirm the shipped table twice, so that one is retired; a draft follows."""
    start = clock.today() - timedelta(days=365 * 4)
    quality, head = account("quality"), account("head")
    for days_later, remark, is_confirmed in (
        (0, "for demonstration", True),
        (5, "for demonstration", True),
        (1200, "draft for demonstration", False),
    ):
        with clock.at(start + timedelta(days=days_later)):
            draft = take("scoring_table.begin", ScoringTable(scheme=SCHEME), actor=quality, remark=remark)
            if is_confirmed:
                take("scoring_table.confirm_as_quality", draft, actor=quality)
                take("scoring_table.confirm_as_head", draft, actor=head)


def tell(company: Company, day: date, story: Callable[[Road], None]) -> None:
    owner = _owner_of(company, day)
    with clock.at(day):
        organisation = _organisation(company, owner)
    story(Road(company=company, organisation=organisation, owner=owner, day=day))


def _owner_of(company: Company, day: date) -> User:
    if company.number <= len(OWNERS):
        return account(OWNERS[company.number - 1])
    entry = Account(f"owner{company.number}", f"联系人{company.number}", f"Contact {company.number}")
    return make_account(entry, day)


def _organisation(company: Company, owner: User) -> Organisation:
    return create_organisation(actor=owner, values=company.facts())
