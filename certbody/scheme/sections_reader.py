"""The parts of a scheme file around the tree: standard, fees, person-days, documents, certificate."""

from typing import Any

from certbody.scheme.faults import Fault, gettext_noop, path_of
from certbody.scheme.model import (
    CertificateContent,
    DocumentKind,
    DocumentNeed,
    Fees,
    PersonDayRow,
    PersonDays,
    Standard,
)
from certbody.scheme.table_reader import TableReader, decimal_of

POINTS_STATUS_KEYS = (
    "level1",
    "level2_names",
    "level2_points",
    "level3_points",
    "level3_structure_5_1",
    "level3_structure_5_2",
    "level3_structure_5_3_1",
    "level3_structure_5_3_2",
    "gate",
)
PERSON_DAY_COLUMNS = (
    "from",
    "to",
    "initial_total",
    "initial_planning",
    "initial_site",
    "surv_total",
    "surv_site",
    "recert_total",
    "recert_site",
)


def read_standard(table: TableReader) -> Standard:
    standard = Standard(
        code=table.text("code"),
        title=table.words("title_"),
        published=table.day("published"),
        effective=table.day("effective"),
        announcement=table.text("announcement"),
        predecessor=table.text("predecessor"),
        normative_reference_impartiality=table.text("normative_reference_impartiality"),
        cnca_category=table.text("cnca_category"),
        cnca_domain_prefix=table.text("cnca_domain_prefix"),
        cnca_item_prefix=table.text("cnca_item_prefix"),
    )
    if standard.effective < standard.published:
        table.fault(gettext_noop("must not lie before the day of publication"), "effective")
    table.close()
    return standard


def read_points_status(table: TableReader) -> dict[str, str]:
    """How well each level of the tree is known, and the gate that keeps a draft from grading a case."""
    statuses = {key: table.text(key) for key in POINTS_STATUS_KEYS if table.has(key)}
    table.close()
    return statuses


def read_fees(table: TableReader) -> Fees:
    fees = Fees(
        currency=table.text("currency"),
        source=table.text("source"),
        application=table.number("application"),
        registration_incl_certificate=table.number("registration_incl_certificate"),
        annual_incl_mark=table.number("annual_incl_mark"),
        per_person_day=table.number("per_person_day"),
        initial=table.text("initial"),
        surveillance=table.text("surveillance"),
        recert=table.text("recert"),
        travel=table.text("travel"),
    )
    table.close()
    return fees


def read_person_days(table: TableReader) -> PersonDays:
    columns, rows = table.texts("columns"), table.take("rows")
    if columns and columns != PERSON_DAY_COLUMNS:
        table.fault(gettext_noop("must be %(known)s"), "columns", known=", ".join(PERSON_DAY_COLUMNS))
    if rows is not None and not isinstance(rows, list):
        table.fault(gettext_noop("must be a list of rows"), "rows")
    read = []
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        person_days = _person_day_row(row)
        if person_days is None:
            at = path_of(*table.path, "rows", index)
            table.faults.append(Fault(at, gettext_noop("must be two headcounts and seven numbers of days")))
        else:
            read.append(person_days)
    status = table.text("status")
    table.close()
    return PersonDays(status=status, rows=tuple(read))


def read_documents(root: TableReader) -> tuple[DocumentKind, ...]:
    documents = []
    for table in root.tables("document", "key"):
        documents.append(
            DocumentKind(
                key=table.text("key"),
                name=table.words(),
                required=table.choice("required", DocumentNeed),
                expires=table.flag("expires", default=False),
            )
        )
        table.close()
    return tuple(documents)


def read_certificate(table: TableReader) -> CertificateContent:
    content = CertificateContent(
        must_print=table.texts("must_print"),
        legal_minimum=table.texts("legal_minimum"),
        number_rule=table.text("number_rule"),
        issue_date_not_before_decision=table.flag("issue_date_not_before_decision"),
        statuses=table.texts("statuses"),
    )
    if not set(content.legal_minimum) <= set(content.must_print):
        table.fault(gettext_noop("leaves out what the law asks for"), "must_print")
    table.close()
    return content


def _person_day_row(row: Any) -> PersonDayRow | None:
    if not isinstance(row, list) or len(row) != len(PERSON_DAY_COLUMNS):
        return None
    first, last, *days = row
    if not all(
        isinstance(count, int) and not isinstance(count, bool) and count > 0 for count in (first, last)
    ):
        return None
    exact = [decimal_of(day) for day in days]
    read = [day for day in exact if day is not None]
    return PersonDayRow(first, last, *read) if len(read) == len(days) else None
