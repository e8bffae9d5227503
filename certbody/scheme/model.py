"""A scoring table as data: the indicator tree, scoring rules, periods, fees and documents of one scheme."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property


class Goods(StrEnum):
    """What the organisation sells; it decides which clauses may be excluded (GB/T 27922-2011, 6.2.2)."""

    TANGIBLE = "tangible"
    INTANGIBLE = "intangible"
    MIXED = "mixed"


class ClauseKind(StrEnum):
    """Fixed: all points or none. Sampled: points are lost by the share of samples that do not conform."""

    FIXED = "fixed"
    SAMPLED = "sampled"


class GradeKey(StrEnum):
    """The words for grades in files, rows and commands, from the lowest to the highest."""

    FAIL = "fail"
    QUALIFIED = "qualified"
    STAR3 = "star3"
    STAR4 = "star4"
    STAR5 = "star5"


class SourceStatus(StrEnum):
    """How well a figure or text of the table is known; `entered` was typed by the body from its own copy."""

    VERIFIED = "verified"
    REPORTED = "reported"
    RECOLLECTION = "recollection"
    INFERENCE = "inference"
    PLACEHOLDER = "placeholder"
    ENTERED = "entered"


class DocumentNeed(StrEnum):
    """When an application document is asked for."""

    ALWAYS = "always"
    IF_APPLICABLE = "if_applicable"
    IF_MULTI_SITE = "if_multi_site"
    BEFORE_STAGE2 = "before_stage2"
    OPTIONAL = "optional"


class UnknownSchemeError(LookupError):
    """No scheme has this id."""


class UnknownVersionError(LookupError):
    """The scheme exists, but not in this version."""


@dataclass(frozen=True, slots=True)
class Words:
    """One text in the languages of the pages; without a traditional form the simplified one is shown."""

    zh: str
    en: str
    zh_hant: str = ""

    def in_language(self, code: str) -> str:
        """The text for a language code of the pages: `en`, `zh-hans` or `zh-hant`."""
        if code.lower().startswith("zh-hant"):
            return self.zh_hant or self.zh
        return self.zh if code.lower().startswith("zh") else self.en

    def by_language(self) -> dict[str, str]:
        return {code: self.in_language(code) for code in ("en", "zh-hans", "zh-hant")}


@dataclass(frozen=True, slots=True)
class Standard:
    code: str
    title: Words
    published: date
    effective: date
    announcement: str
    predecessor: str
    normative_reference_impartiality: str
    cnca_category: str
    cnca_domain_prefix: str
    cnca_item_prefix: str


@dataclass(frozen=True, slots=True)
class Level1:
    id: str
    title: Words
    points: Fraction
    status: SourceStatus


@dataclass(frozen=True, slots=True)
class Level2:
    id: str
    title: Words
    points: Fraction
    status: SourceStatus

    @property
    def parent(self) -> str:
        return self.id.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Clause:
    """One scored indicator of level 3."""

    id: str
    parent: str
    title: Words
    demand: Words
    points: Fraction
    kind: ClauseKind
    excludable_when: frozenset[Goods]
    evidence: tuple[Words, ...]
    points_status: SourceStatus
    kind_status: SourceStatus
    text_status: SourceStatus

    @property
    def section(self) -> str:
        """The id of the group of level 1 that the clause counts in."""
        return self.parent.rpartition(".")[0]

    def is_excludable_for(self, goods: Goods) -> bool:
        return goods in self.excludable_when


@dataclass(frozen=True, slots=True)
class Grade:
    """Reached with a final score of `min_score` or more (GB/T 27922-2011: 70, 80, 90, 95, each inclusive)."""

    key: GradeKey
    min_score: Fraction
    stars: int
    name: Words


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground for a special deduction."""

    key: str
    name: Words


@dataclass(frozen=True, slots=True)
class ScoringRules:
    """Points are normalised; then deductions are taken off and the bonus is added, outside the score."""

    total_points: Fraction
    pass_score: Fraction
    fail_special_deductions: int
    cap: Fraction
    deduction_points: Fraction
    rectification_required: bool
    grounds: tuple[Ground, ...]
    bonus_points: Fraction
    bonus_max_count: int
    bonus_ground: Words
    exclusion_allowed: bool
    formula: str
    formula_status: str
    rounding_status: str
    rounding_recommended: str
    sampled_examples_zh: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonDayRow:
    """Person-days of 8 hours for a headcount from `first` to `last`, both inclusive."""

    first: int
    last: int
    initial_total: Decimal
    initial_planning: Decimal
    initial_site: Decimal
    surveillance_total: Decimal
    surveillance_site: Decimal
    recertification_total: Decimal
    recertification_site: Decimal


@dataclass(frozen=True, slots=True)
class PersonDays:
    status: str
    rows: tuple[PersonDayRow, ...]

    def row_for(self, headcount: int) -> PersonDayRow | None:
        """The row of a headcount; None when the table does not reach it and the body must decide by hand."""
        return next((row for row in self.rows if row.first <= headcount <= row.last), None)


@dataclass(frozen=True, slots=True)
class Fees:
    """Amounts in `currency`; the three formulas are texts for the price list; a contract has its own sums."""

    currency: str
    source: str
    application: Decimal
    registration_incl_certificate: Decimal
    annual_incl_mark: Decimal
    per_person_day: Decimal
    initial: str
    surveillance: str
    recert: str
    travel: str


@dataclass(frozen=True, slots=True)
class DocumentKind:
    key: str
    name: Words
    required: DocumentNeed
    expires: bool


@dataclass(frozen=True, slots=True)
class CertificateContent:
    """What a certificate of this scheme must print, and which part of it the law asks for."""

    must_print: tuple[str, ...]
    legal_minimum: tuple[str, ...]
    number_rule: str
    issue_date_not_before_decision: bool
    statuses: tuple[str, ...]


ParameterValue = int | bool | Decimal | str | tuple[str, ...] | Mapping[str, int]


@dataclass(frozen=True)
class Scheme:
    """A scoring table. Two tables are the same table when their `hash` is the same."""

    id: str
    version: str
    standard: Standard
    level1: tuple[Level1, ...]
    level2: tuple[Level2, ...]
    clauses: tuple[Clause, ...]
    rules: ScoringRules
    grades: tuple[Grade, ...]
    parameters: Mapping[str, ParameterValue]
    parameter_sources: Mapping[str, str]
    fees: Fees
    person_days: PersonDays
    documents: tuple[DocumentKind, ...]
    certificate: CertificateContent
    points_status: Mapping[str, str]
    canonical: str

    @cached_property
    def hash(self) -> str:
        """SHA-256, in hexadecimal, of the canonical JSON text of the whole content."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @cached_property
    def _clauses_by_id(self) -> dict[str, Clause]:
        return {clause.id: clause for clause in self.clauses}

    def clause(self, clause_id: str) -> Clause:
        """The clause of this id; KeyError for an id that the table does not hold."""
        return self._clauses_by_id[clause_id]

    def has_clause(self, clause_id: str) -> bool:
        return clause_id in self._clauses_by_id

    def ground(self, key: str) -> Ground:
        """The ground of this key; KeyError for an unknown one."""
        return {ground.key: ground for ground in self.rules.grounds}[key]

    def grade(self, key: GradeKey) -> Grade:
        """The grade of this key; KeyError for `fail`, which is the absence of a grade."""
        return {grade.key: grade for grade in self.grades}[key]

    @property
    def sections(self) -> tuple[Level1 | Level2, ...]:
        """The groups of level 1, then the items of level 2."""
        return (*self.level1, *self.level2)

    def items_of(self, level1_id: str) -> Iterator[Level2]:
        return (item for item in self.level2 if item.parent == level1_id)

    def clauses_of(self, level2_id: str) -> Iterator[Clause]:
        return (clause for clause in self.clauses if clause.parent == level2_id)
