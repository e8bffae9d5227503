"""The terms of the contract: one numbered paragraph each, and the clauses of ISO/IEC 17065:2012 that it serves.

The text is versioned: whoever changes a paragraph gives the text another TEMPLATE_VERSION. A contract prints and stores
the version that it was offered with; its PDF is what counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TEMPLATE_VERSION = "2026-1"


@dataclass(frozen=True)
class Clause:
    title: str | Promise
    text: str | Promise
    serves: tuple[str, ...]


CLAUSES: tuple[Clause, ...] = (
    Clause(
        _("Subject"),
        _(
            "The body evaluates the after-sales service of the client against the standard under the filed rule in "
            "two stages, decides independently of the evaluation, and issues the certificate only after a decision "
            "to grant."
        ),
        ("4.1.2.1",),
    ),
    Clause(
        _("Certification requirements"),
        _(
            "The client fulfils the requirements of the standard and of the filed rule at all times, and carries "
            "out changes to them within the time that the body gives when it announces them."
        ),
        ("4.1.2.2 a)", "7.10.1"),
    ),
    Clause(
        _("Continuing service"),
        _(
            "As long as the certificate is valid, the service within the scope goes on fulfilling the "
            "requirements, at every site that the certificate names."
        ),
        ("4.1.2.2 b)",),
    ),
    Clause(
        _("Evaluation and surveillance"),
        _(
            "The client makes all arrangements for evaluation and surveillance: documents and records may be "
            "examined, and sites, equipment, people and subcontractors of the service are open to the audit team."
        ),
        ("4.1.2.2 c) 1)", "7.9"),
    ),
    Clause(
        _("Investigation of complaints"),
        _(
            "The client makes all arrangements for the investigation of complaints about the certified service."
        ),
        ("4.1.2.2 c) 2)",),
    ),
    Clause(
        _("Observers"),
        _(
            "The client lets observers of the regulator, of the accreditation body and of the body itself take "
            "part."
        ),
        ("4.1.2.2 c) 3)",),
    ),
    Clause(
        _("Mystery-customer visits"),
        _(
            "The client agrees to unannounced mystery-customer visits on site, by telephone and online. They are "
            "not announced before they are closed, and keep no name or voice of the client’s staff."
        ),
        ("4.1.2.2 c) 1)",),
    ),
    Clause(
        _("Claims about the certification"),
        _(
            "The client claims to be certified only for the scope, the sites and the grade that the certificate "
            "names."
        ),
        ("4.1.2.2 d)",),
    ),
    Clause(
        _("Good name of the body"),
        _(
            "The client does not use the certification so that the body comes into disrepute, and says nothing "
            "about it that the body may hold to be misleading or unauthorised."
        ),
        ("4.1.2.2 e)", "4.1.3"),
    ),
    Clause(
        _("Suspension, withdrawal and end"),
        _(
            "Where requirements are no longer met or fees are not paid, the body may suspend, reduce or withdraw "
            "the certification under the filed rule. From suspension, withdrawal, expiry or end on the client "
            "stops all advertising that refers to it, returns the certificate where the rule asks for it, and "
            "proves that certificate and mark are no longer used."
        ),
        ("4.1.2.2 f)", "7.11"),
    ),
    Clause(
        _("Copies of the certificate"),
        _("Copies of the certificate and of its annex are given to others only whole."),
        ("4.1.2.2 g)",),
    ),
    Clause(
        _("References in documents and advertising"),
        _(
            "References to the certification in documents, brochures, advertising and online follow the rules of "
            "the body and never suggest that a product or a management system is certified."
        ),
        ("4.1.2.2 h)",),
    ),
    Clause(
        _("Use of the mark"),
        _(
            "The mark is used only within the certified scope, with the words “after-sales service certification”, "
            "the standard and the certificate number, and on packaging with the words “does not mean that the "
            "product is certified”. Wrong use is corrected at once; the body may act against it."
        ),
        ("4.1.2.2 i)", "4.1.3"),
    ),
    Clause(
        _("Records of complaints"),
        _(
            "The client records every complaint about the certified service that it knows of, acts on it and on "
            "its cause, documents what was done, and shows these records to the body on request."
        ),
        ("4.1.2.2 j)",),
    ),
    Clause(
        _("Changes at the client"),
        _(
            "The client reports without delay what may affect its ability to conform: legal form and ownership, "
            "name, management and contact, addresses and sites, scope, headcount and the service system. A change "
            "may need another review and an amended contract."
        ),
        ("4.1.2.2 k)", "7.10.2"),
    ),
    Clause(
        _("Surveillance and recertification"),
        _(
            "The certification is kept by surveillance at least once every twelve months; a missed surveillance "
            "leads to suspension. Recertification is audited on site before the certificate expires."
        ),
        ("7.9",),
    ),
    Clause(
        _("Fees"),
        _(
            "Fees follow the fee table named above; the client itself pays them. They depend neither on the result "
            "of the evaluation nor on the decision."
        ),
        ("4.6 b)", "4.2.2"),
    ),
    Clause(
        _("Impartiality"),
        _(
            "The body gives the client no consultancy and no in-house training. Neither is part, condition or "
            "ground of a discount of this contract, and no provider of either is recommended or preferred."
        ),
        ("4.2.6", "4.2.9"),
    ),
    Clause(
        _("Confidentiality"),
        _(
            "The body keeps confidential what it learns, except what the register publishes and what the law "
            "obliges it to report; of the latter it informs the client, unless the law forbids it."
        ),
        ("4.5.1", "4.5.2", "4.5.3"),
    ),
    Clause(
        _("Public register"),
        _("The body publishes holder, scope, standard, grade, dates and status of the certification."),
        ("4.6 a)", "7.8"),
    ),
    Clause(
        _("Complaints and appeals"),
        _(
            "The client may complain about the body and appeal against its decisions. Complaints, disputes and "
            "appeals are decided by people who took no part in the matter; the way is published."
        ),
        ("7.13",),
    ),
    Clause(
        _("Form and amendments"),
        _(
            "This contract binds both sides once it is accepted. It is changed only by a later contract that names "
            "what changes; until the client accepts that one, this one stays in force."
        ),
        ("4.1.2.1",),
    ),
)


@dataclass(frozen=True)
class IndexRow:
    """Where an assessor finds a clause of the standard in the contract: numbers of paragraphs, counted from one."""

    clause: str
    paragraphs: Sequence[int]


def _place(clause: str) -> tuple[list[int], str]:
    numbers, _blank, item = clause.partition(" ")
    return [int(number) for number in numbers.split(".")], item


def index_of_clauses() -> list[IndexRow]:
    """Every clause of the standard that the terms serve, in its order, with the paragraphs that serve it."""
    found: dict[str, list[int]] = {}
    for number, clause in enumerate(CLAUSES, 1):
        for served in clause.serves:
            found.setdefault(served, []).append(number)
    return [IndexRow(clause, found[clause]) for clause in sorted(found, key=_place)]


def index_in_columns(columns: int) -> list[list[IndexRow]]:
    """The index as it is printed: read down one column, then the next; the last may be shorter."""
    rows = index_of_clauses()
    length = -(-len(rows) // columns)
    return [rows[start : start + length] for start in range(0, len(rows), length)]
