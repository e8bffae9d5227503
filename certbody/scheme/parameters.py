"""The periods and limits of a scheme, member by member with their kind: each is a setting with a source."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from certbody.scheme.faults import gettext_noop
from certbody.scheme.model import ParameterValue
from certbody.scheme.table_reader import TableReader


class Stage1Mode(StrEnum):
    """How the first stage is done: at the desk, on site, or combined with stage 2 in one visit."""

    DESK = "desk"
    ON_SITE = "on_site"
    COMBINED = "combined"


AUDIT_MODES = ("FS01", "FS02", "FS03")
REVIEW_STEPS = ("document_review", "report", "decision", "certificate")

_WHOLE_FROM_ONE = (
    "validity_years",
    "surveillance_first_within_months",
    "surveillance_interval_max_months",
    "surveillance_min_per_cycle",
    "recert_apply_before_expiry_months",
    "suspension_decide_within_days",
    "suspension_default_months",
    "suspension_max_months",
    "short_notice_after_spot_check_fail_days",
    "records_retention_years_after_end",
    "person_day_hours",
    "nc_close_days_default",
    "service_manager_min",
)
_WHOLE_FROM_ZERO = (
    "system_running_months_min",
    "serious_problem_lookback_months",
    "blocked_after_withdrawal_months",
)
_FLAGS = (
    "surveillance_on_site",
    "recert_audit_must_finish_before_expiry",
    "star_requires_prior_qualified_year",
)

_Read = Callable[[TableReader, str], ParameterValue]


def _from_one(table: TableReader, key: str) -> int:
    return table.whole(key, least=1, most=10_000)


def _from_zero(table: TableReader, key: str) -> int:
    return table.whole(key, most=10_000)


def _ratio(table: TableReader, key: str) -> ParameterValue:
    ratio = table.number(key)
    if ratio > 1:
        table.fault(gettext_noop("must be a share from 0 to 1"), key)
    return ratio


def _audit_modes(table: TableReader, key: str) -> tuple[str, ...]:
    modes = table.texts(key)
    if not set(modes) <= set(AUDIT_MODES) or len(set(modes)) != len(modes):
        table.fault(
            gettext_noop("must name each of %(known)s at most once"), key, known=", ".join(AUDIT_MODES)
        )
    return modes


def _review_days(table: TableReader, key: str) -> Mapping[str, int]:
    days = table.table(key)
    read = {step: days.whole(step, least=1, most=365) for step in REVIEW_STEPS}
    days.close()
    return read


_PARAMETERS: dict[str, _Read] = {
    **dict.fromkeys(_WHOLE_FROM_ONE, _from_one),
    **dict.fromkeys(_WHOLE_FROM_ZERO, _from_zero),
    **dict.fromkeys(_FLAGS, TableReader.flag),
    "report_monthly_deadline_day": lambda table, key: table.whole(key, least=1, most=28),
    "min_site_person_days": TableReader.number,
    "service_manager_ratio": _ratio,
    "stage1_mode_default": lambda table, key: table.choice(key, Stage1Mode),
    "audit_modes": _audit_modes,
    "review_days": _review_days,
}


def read_parameters(table: TableReader) -> dict[str, ParameterValue]:
    """Every parameter of the table `scheme`; the engine knows them all, so none may be missing."""
    faults_before = len(table.faults)
    parameters = {key: read(table, key) for key, read in _PARAMETERS.items()}
    table.close()
    if len(table.faults) == faults_before:
        _check_order(table, parameters)
    return parameters


def read_sources(table: TableReader) -> dict[str, str]:
    """Where each parameter comes from: a text by the name of the parameter."""
    sources = {key: table.text(key) for key in _PARAMETERS if table.has(key)}
    table.close()
    return sources


def _check_order(table: TableReader, parameters: Mapping[str, ParameterValue]) -> None:
    usual, longest = parameters["suspension_default_months"], parameters["suspension_max_months"]
    if isinstance(usual, int) and isinstance(longest, int) and usual > longest:
        other = "suspension_max_months"
        table.fault(gettext_noop("must not be above %(other)s"), "suspension_default_months", other=other)
