"""The items of the application review and the sections on which each rests.

Items a to e are those of ISO/IEC 17065, 7.3.1; the others are the prerequisites that certification bodies publish and
the rules of practice of docs/decisions/0017.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.catalogue.kinds import asked_of
from applications.catalogue.sections import Section
from applications.models import Application
from applications.models.review import MAY_BE_NOT_APPLICABLE
from applications.states import ApplicationKind


@dataclass(frozen=True, kw_only=True)
class Item:
    """`needs_day`: the day of the check is recorded; `takes_file`: a picture or document of the check may be kept.

    `asks_platforms`: a yes names what each public credit platform said, and keeps a picture of it; `chooses_field`: a
    yes names the approved field of the body. `kinds`: the kinds of application in which it is judged, where one of
    its sections is asked.
    """

    key: str
    label: str | Promise
    help: str | Promise
    source: str
    sections: frozenset[str]
    needs_day: bool = False
    takes_file: bool = False
    asks_platforms: bool = False
    chooses_field: bool = False
    kinds: frozenset[str] = frozenset(ApplicationKind)

    @property
    def may_be_left_out(self) -> bool:
        """Whether “not applicable” is an answer; the database knows the same keys."""
        return self.key in MAY_BE_NOT_APPLICABLE


def _item(
    key: str,
    label: str | Promise,
    help_text: str | Promise,
    source: str,
    *sections: str,
    kinds: frozenset[str] = frozenset(ApplicationKind),
    **more: bool,
) -> Item:
    return Item(
        key=key,
        label=label,
        help=help_text,
        source=source,
        sections=frozenset(sections),
        kinds=kinds,
        **more,
    )


_TRANSFER = frozenset({ApplicationKind.TRANSFER})
_CHANGES = frozenset({ApplicationKind.SCOPE_CHANGE, ApplicationKind.DATA_CHANGE, ApplicationKind.UPGRADE})

ITEMS: tuple[Item, ...] = (
    _item(
        "information",
        _("The information about the client and its service is sufficient"),
        _("Enough is known to plan and carry out the certification."),
        "ISO/IEC 17065, 7.3.1 a",
        *Section.values,
    ),
    _item(
        "understanding",
        _("Client and body understand the same by the request"),
        _("Every known difference is resolved, also about the standard that applies."),
        "ISO/IEC 17065, 7.3.1 b",
        Section.SCOPE,
        Section.PREREQUISITES,
    ),
    _item(
        "scope",
        _("The scope is defined"),
        _("Service, goods and sites are named so that the certificate can print them."),
        "ISO/IEC 17065, 7.3.1 c",
        Section.SCOPE,
        Section.SITES,
    ),
    _item(
        "approved_field",
        _("The scope lies inside the body’s approved fields"),
        _("The approved fields are a setting of the body; name the one that covers the service."),
        "ISO/IEC 17065, 7.3.1 c",
        Section.SCOPE,
        chooses_field=True,
    ),
    _item(
        "means",
        _("The means for every evaluation activity are available"),
        _("Places, languages, working hours and access can be reached."),
        "ISO/IEC 17065, 7.3.1 d",
        Section.SITES,
    ),
    _item(
        "capacity",
        _("The body is competent and has the capacity"),
        _("Auditors and experts for this trade are free in the period that the client asks for."),
        "ISO/IEC 17065, 7.3.1 e",
        Section.SCOPE,
        Section.SITES,
    ),
    _item(
        "legal_person",
        _("The applicant is an independent legal person registered in mainland China"),
        _("Compare the business licence with the credit code, name and registered address."),
        "",
        Section.ORGANISATION,
        Section.DOCUMENTS,
    ),
    _item(
        "legal_form",
        _("The legal form is one that the body accepts"),
        _("The accepted legal forms are a setting of the body."),
        "",
        Section.ORGANISATION,
    ),
    _item(
        "public_credit",
        _("No serious fault in the public credit platforms"),
        _("Look the applicant up (信用中国, 企业信用公示) and record the day; keep a picture of the result."),
        "",
        Section.ORGANISATION,
        Section.PREREQUISITES,
        needs_day=True,
        takes_file=True,
        asks_platforms=True,
    ),
    _item(
        "not_blocked",
        _("No refusal, suspension or withdrawal for own fault within the waiting time"),
        _(
            "Also ask whether another body refused or withdrew a certification; what the national register "
            "(cx.cnca.cn) says can be pasted into the note and kept as a picture."
        ),
        "",
        Section.ORGANISATION,
        Section.PREREQUISITES,
        takes_file=True,
    ),
    _item(
        "impartiality",
        _("Nothing threatens the impartiality of the body"),
        _(
            "Declared interests of its people, who helped with the application, and who pays are shown on this page."
        ),
        "ISO/IEC 17065, 4.2",
        Section.ORGANISATION,
        Section.PREREQUISITES,
    ),
    _item(
        "running_time",
        _("The service system has run long enough, with funds and a person in charge"),
        _("The months that it must have run are a setting of the body."),
        "",
        Section.PREREQUISITES,
    ),
    _item(
        "exclusions",
        _("The kind of goods and the proposed exclusions are plausible"),
        _("Exclusions are settled at stage 1; here it is judged whether they can be true."),
        "",
        Section.SCOPE,
        Section.EXCLUSIONS,
    ),
    _item(
        "documents",
        _("The documents of the checklist have been seen and are in date"),
        _("Their content is judged at stage 1."),
        "",
        Section.DOCUMENTS,
    ),
    _item(
        "transfer_certificate",
        _("The certificate of the other body is valid and not suspended"),
        _(
            "Look it up in the national register by its number and record the day; keep a picture of the result."
        ),
        "",
        Section.TRANSFER,
        needs_day=True,
        takes_file=True,
        kinds=_TRANSFER,
    ),
    _item(
        "transfer_reports",
        _("The last audit reports of the other body have been seen"),
        _(
            "Report of the last full audit and of every surveillance since; the surveillances were done in time."
        ),
        "",
        Section.TRANSFER,
        Section.DOCUMENTS,
        kinds=_TRANSFER,
    ),
    _item(
        "transfer_findings",
        _("The open findings of the other body have been seen and can be closed"),
        _("None is open, or each has a correction that we can verify."),
        "",
        Section.TRANSFER,
        Section.DOCUMENTS,
        kinds=_TRANSFER,
    ),
    _item(
        "change",
        _("The wished change is proved and its effect on the certificate is clear"),
        _("Compare the present and the wished values; decide whether a visit is needed."),
        "",
        Section.CHANGE,
        Section.DOCUMENTS,
        kinds=_CHANGES,
    ),
)
KEYS = tuple(item.key for item in ITEMS)
_BY_KEY = {item.key: item for item in ITEMS}


def item_of(key: str) -> Item:
    """The item of a key; KeyError for an unknown one."""
    return _BY_KEY[key]


def items_of(application: Application) -> list[Item]:
    """The items that are judged for this kind of application: those that rest on a section it has."""
    sections = asked_of(application).sections.keys()
    return [item for item in ITEMS if application.kind in item.kinds and item.sections & sections]
