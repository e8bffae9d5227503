"""What an application must bring, and what it costs."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import LegalForm
from certbody.body.settings_catalogue.checks import check_fields, check_person_days
from certbody.body.settings_catalogue.kinds import Entry, Group, Kind
from certbody.body.settings_catalogue.makers import (
    FILED,
    PUBLISHED_TIMES,
    QMS_RULE,
    RECOMMENDED,
    TARIFF,
    number,
    parameter,
    review_days,
    text,
    whole,
)

SAMPLING = _("habit of IAF MD 1, not confirmed for this scheme")

APPLICATION: tuple[Entry, ...] = (
    Entry(
        key="accepted_legal_forms",
        label=_("Legal forms that may apply"),
        group=Group.APPLICATION,
        kind=Kind.CHOICES,
        default=("company",),
        source=_(
            "published by a certification body: independent legal person; other forms are the body's choice"
        ),
        choices=dict(LegalForm.choices),
    ),
    text(
        "approved_fields",
        _("Approved fields of the body: code and name, separated by semicolons"),
        Group.APPLICATION,
        "SC03 批发和零售业服务",
        FILED,
        most=1000,
        checks=(check_fields,),
    ),
    whole(
        "system_running_months_min",
        _("Months the service system must have run before the application"),
        Group.APPLICATION,
        parameter("system_running_months_min"),
        _("published by certification bodies"),
        least=0,
    ),
    whole(
        "serious_problem_lookback_months",
        _("Months without a serious quality or service problem"),
        Group.APPLICATION,
        parameter("serious_problem_lookback_months"),
        _("published by a certification body"),
        least=0,
    ),
    whole(
        "blocked_after_withdrawal_months",
        _("Months without a new application after a withdrawal for own fault"),
        Group.APPLICATION,
        parameter("blocked_after_withdrawal_months"),
        QMS_RULE,
        least=0,
    ),
    whole(
        "document_review_days",
        _("Working days for the review of an application"),
        Group.APPLICATION,
        review_days("document_review"),
        PUBLISHED_TIMES,
    ),
    whole(
        "document_expiry_days",
        _("Days before a document expires on which client and body are told"),
        Group.APPLICATION,
        60,
        RECOMMENDED,
        most=365,
    ),
    whole(
        "client_files_most",
        _("Files that a client may upload within twelve months"),
        Group.APPLICATION,
        600,
        RECOMMENDED,
        most=100_000,
    ),
    whole(
        "client_megabytes_most",
        _("Megabytes that a client may upload within twelve months"),
        Group.APPLICATION,
        2000,
        RECOMMENDED,
        least=20,
        most=1_000_000,
    ),
)

FEES: tuple[Entry, ...] = (
    number(
        "fee_application",
        _("Application fee (CNY)"),
        Group.FEES,
        lambda scheme: scheme.fees.application,
        TARIFF,
    ),
    number(
        "fee_registration",
        _("Review and registration with certificate (CNY)"),
        Group.FEES,
        lambda scheme: scheme.fees.registration_incl_certificate,
        TARIFF,
    ),
    number(
        "fee_annual",
        _("Annual fee with mark (CNY a year)"),
        Group.FEES,
        lambda scheme: scheme.fees.annual_incl_mark,
        TARIFF,
    ),
    number(
        "fee_per_person_day",
        _("Fee of a person-day (CNY)"),
        Group.FEES,
        lambda scheme: scheme.fees.per_person_day,
        TARIFF,
    ),
    number(
        "fee_reissue",
        _("Fee of a new edition for a changed name, address or sites, without audit (CNY)"),
        Group.FEES,
        Decimal(500),
        RECOMMENDED,
    ),
    whole(
        "offer_days",
        _("Working days for quote, offer and its acceptance"),
        Group.FEES,
        10,
        RECOMMENDED,
        least=0,
        most=250,
    ),
    whole("offer_valid_days", _("Days an offer stays open"), Group.FEES, 30, RECOMMENDED),
    whole(
        "person_day_hours",
        _("Hours of a person-day"),
        Group.FEES,
        parameter("person_day_hours"),
        QMS_RULE,
        most=12,
    ),
    number(
        "min_site_person_days",
        _("Least person-days of an outlet"),
        Group.FEES,
        parameter("min_site_person_days"),
        _("published price list: each outlet by its own headcount"),
        most=10,
    ),
    number(
        "category_person_days",
        _("Person-days of each product category beyond the first"),
        Group.FEES,
        Decimal("0.5"),
        _("not verified: a published price list only says that each category adds time"),
        most=10,
    ),
    Entry(
        key="transfer_person_days_as",
        label=_("Person-days of a transfer"),
        group=Group.FEES,
        kind=Kind.CHOICE,
        default="initial",
        source=RECOMMENDED,
        choices={
            "initial": _("as for an initial certification"),
            "recertification": _("as for a recertification"),
            "surveillance": _("as for a surveillance"),
        },
    ),
    whole(
        "adjustment_most_percent",
        _("Percent of the person-days that a contract officer may add or take off alone"),
        Group.FEES,
        20,
        RECOMMENDED,
        least=0,
        most=100,
    ),
    number(
        "site_sample_factor_initial",
        _("Sites visited at an initial audit: factor before the square root of their number"),
        Group.FEES,
        Decimal(1),
        SAMPLING,
        most=10,
    ),
    number(
        "site_sample_factor_surveillance",
        _("Sites visited at a surveillance: factor before the square root of their number"),
        Group.FEES,
        Decimal("0.6"),
        SAMPLING,
        most=10,
    ),
    number(
        "site_sample_factor_recertification",
        _("Sites visited at a recertification: factor before the square root of their number"),
        Group.FEES,
        Decimal("0.8"),
        SAMPLING,
        most=10,
    ),
    Entry(
        key="person_days",
        label=_("Person-days by headcount"),
        group=Group.FEES,
        kind=Kind.PERSON_DAYS,
        default=lambda scheme: scheme.person_days.rows,
        source=_(
            "trial tariff of the national after-sales evaluation committee, digits re-split; "
            "the last row is partly estimated"
        ),
        checks=(check_person_days,),
    ),
)
