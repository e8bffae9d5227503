from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts import appointments
from certbody.accounts.models import Authorisation, Person, RoleAssignment, User
from certbody.accounts.roles import Role
from certbody.body.models import ScoringTable
from certbody.body.queries import GroupRows, known_schemes, scheme_in, tree_of
from certbody.body.settings_catalogue import Entry, Kind, setting
from certbody.body.settings_catalogue.kinds import PERSON_DAY_COLUMNS, PersonDayRows, cells_of
from certbody.scheme.faults import Fault, SchemeFaults
from certbody.scheme.load import load, with_points
from certbody.scheme.model import PersonDayRow
from certbody.web.edits import EditedForm
from certbody.web.forms import DayField, SentOnceForm, StepForm

MOST_BYTES = 1_000_000


def sentence_of(fault: Fault) -> str:
    return f"{fault.path}: {gettext(fault.template) % fault.params}"


class BeginForm(SentOnceForm):
    """Which scheme gets a new version."""

    scheme = forms.ChoiceField(label=_("Scheme"))
    remark = forms.CharField(label=_("Remark"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scheme"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- narrows the type
        field.choices = [(scheme, scheme) for scheme in known_schemes()]


class TableForm(StepForm):
    """A step about the content that the reader has seen: another content meanwhile refuses it."""

    content_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["content_hash"].initial = self.obj.content_hash


class ConfirmForm(TableForm):
    checked_against = forms.CharField(
        label=_("Checked against"),
        max_length=200,
        help_text=_(
            "Which copy of the standard you compared the table with, such as its owner and licence number."
        ),
    )

    def consequence(self) -> str:
        table: ScoringTable = self.obj
        return gettext(
            "You confirm version %(version)s of %(scheme)s with the fingerprint %(hash)s. Once the head and the "
            "quality manager have both confirmed, it grades every audit opened from then on."
        ) % {"version": table.version, "scheme": table.scheme, "hash": table.content_hash[:12]}


class PointsField(forms.CharField):
    """Points as they are written down: 3, 2.5 or 5/2; never a binary fraction."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "form-control cb-figures", "size": 6})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)


def written(points: Fraction) -> str:
    """Exact points as people write them: decimal where that is exact within four places, else as a fraction."""
    if 10_000 % points.denominator == 0:
        return format(Decimal(points.numerator) / Decimal(points.denominator), "f")
    return str(points)


class EditPointsForm(TableForm):
    """The points of every clause; the sums of the groups are checked together."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scheme = scheme_in(self.obj)
        for clause in self.scheme.clauses:
            self.fields[clause.id] = PointsField(label=clause.id, initial=written(clause.points))

    def tree(self) -> list[GroupRows]:
        return tree_of(self.scheme)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                with_points(self.scheme, self._points(data), self.obj.version)
            except SchemeFaults as found:
                self._show(found.faults)
        return data

    def _points(self, data: dict[str, Any]) -> dict[str, str]:
        return {clause.id: data[clause.id] for clause in self.scheme.clauses}

    def _show(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            clause_id = fault.path.removeprefix("clause.").removesuffix(".points")
            self.add_error(clause_id if clause_id in self.fields else None, sentence_of(fault))

    def step_data(self) -> dict[str, Any]:
        return {"points": self._points(self.cleaned_data), "content_hash": self.cleaned_data["content_hash"]}


class ImportForm(TableForm):
    """A whole table as TOML or JSON; every fault of the file is shown at the field."""

    file = forms.FileField(label=_("TOML or JSON file"))

    def clean_file(self) -> str:
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        if (upload.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 1 MB."))
        try:
            text = str(upload.read(), "utf-8")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is not text in UTF-8.")) from None
        try:
            scheme = load(text)
        except SchemeFaults as found:
            raise forms.ValidationError([sentence_of(fault) for fault in found.faults]) from None
        self._check_identity(scheme.id, scheme.version)
        return text

    def _check_identity(self, scheme_id: str, version: str) -> None:
        table: ScoringTable = self.obj
        if scheme_id != table.scheme:
            raise forms.ValidationError(
                _("The file holds the scheme %(found)s, this draft is one of %(wanted)s."),
                params={"found": scheme_id, "wanted": table.scheme},
            )
        if ScoringTable.objects.filter(scheme=scheme_id, version=version).exclude(pk=table.pk).exists():
            raise forms.ValidationError(
                _("Version %(version)s of this scheme exists already; give the file another version."),
                params={"version": version},
            )

    def step_data(self) -> dict[str, Any]:
        return {"content": self.cleaned_data["file"], "content_hash": self.cleaned_data["content_hash"]}


class PersonDaysField(forms.CharField):
    """A table typed as text: one row a line, nine numbers with blanks between them."""

    widget = forms.Textarea(attrs={"rows": 24, "class": "cb-figures", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return "\n".join(" ".join(str(cell) for cell in cells_of(row)) for row in value)
        return value

    def to_python(self, value: Any) -> PersonDayRows:  # type: ignore[override]  # a table, not a text
        lines = [line for line in str(value or "").splitlines() if line.strip()]
        return tuple(self._row(number, line) for number, line in enumerate(lines, 1))

    def _row(self, number: int, line: str) -> PersonDayRow:
        first, last, *days = [*line.replace(",", " ").split(), "", ""]
        refusal = forms.ValidationError(
            _("Line %(number)s: nine numbers are needed."), params={"number": number}
        )
        try:
            figures = [Decimal(day) for day in days if day]
            bounds = int(first), int(last)
        except (ValueError, InvalidOperation):
            raise refusal from None
        if len(figures) != len(PERSON_DAY_COLUMNS) - 2 or not all(
            day.is_finite() and 0 <= day < 1000 for day in figures
        ):
            raise refusal
        return PersonDayRow(*bounds, *figures)

    def validate(self, value: Any) -> None:
        if not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The lengths that a text field checks say nothing about a table; `checks` of the entry do."""


def field_of(known: Entry) -> forms.Field:
    match known.kind:
        case Kind.TEXT:
            return forms.CharField(label=known.label, max_length=known.most)
        case Kind.WHOLE:
            return forms.IntegerField(label=known.label, min_value=known.least, max_value=known.most)
        case Kind.NUMBER:
            return forms.DecimalField(
                label=known.label,
                min_value=known.least,
                max_value=known.most,
                max_digits=12,
                decimal_places=4,
            )
        case Kind.SWITCH:
            return forms.BooleanField(label=known.label, required=False)
        case Kind.CHOICE:
            return forms.ChoiceField(label=known.label, choices=list(known.choices.items()))
        case Kind.CHOICES:
            return forms.MultipleChoiceField(
                label=known.label, choices=list(known.choices.items()), widget=forms.CheckboxSelectMultiple
            )
        case Kind.PERSON_DAYS:
            return PersonDaysField(
                label=known.label,
                help_text=_(
                    "One row a line: headcount from and to; initial audit in all, planning, on site; surveillance in "
                    "all, on site; recertification in all, on site."
                ),
            )


class SettingForm(EditedForm, SentOnceForm):
    """Another value of a setting, from when, and where it comes from."""

    def __init__(self, *args: Any, known: Entry, **kwargs: Any) -> None:
        self.known = known
        super().__init__(*args, edited_object=known, stored={}, **kwargs)
        self.fields["value"] = field_of(known)
        self.fields["valid_from"] = forms.DateField(
            label=_("Valid from"),
            initial=clock.today,
            widget=forms.DateInput(attrs={"type": "date"}),
            help_text=_("Today or later: what was decided before keeps its ground."),
        )
        self.fields["source"] = forms.CharField(
            label=_("Source"),
            max_length=300,
            help_text=_("Where the value comes from: a decision of the body, a rule, a clause."),
        )

        if not self.is_bound:
            self.show(self.stored_values(known))

    def stored_values(self, obj: Entry) -> dict[str, Any]:
        return {"value": setting(obj.key)}

    def clean_value(self) -> Any:
        value = self.cleaned_data["value"]
        for check in self.known.checks:
            check(value)
        return tuple(value) if self.known.kind is Kind.CHOICES else value

    def clean_valid_from(self) -> date:
        day: date = self.cleaned_data["valid_from"]
        if day < clock.today():
            raise forms.ValidationError(_("Choose today or a later day."))
        return day


class AuthorisationForm(SentOnceForm):
    """Whom the head authorises for what, from when until when, and under which written reference."""

    person = forms.ModelChoiceField(
        label=_("Person"), queryset=Person.objects.none(), empty_label=_("please choose")
    )
    kind = forms.ChoiceField(label=_("Authorisation"), choices=Authorisation.Kind.choices)
    since = DayField(label=_("First day"))
    until = DayField(label=_("Last day"))
    reference = forms.CharField(
        label=_("Reference of the authorisation"),
        max_length=80,
        help_text=_("Where the signed authorisation is filed."),
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["since"].initial = clock.today
        person = self.fields["person"]
        assert isinstance(person, forms.ModelChoiceField)  # noqa: S101 -- narrows the type
        person.queryset = _colleagues_of(actor)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        if data["until"] < data["since"]:
            self.add_error("until", _("The last day lies before the first."))
            return data
        for sentence in appointments.bars_authorisation(
            person=data["person"], since=data["since"], until=data["until"], actor=self.actor
        ):
            self.add_error("person", forms.ValidationError(str(sentence)))
        return data


def _colleagues_of(actor: User) -> QuerySet[Person]:
    """Everybody else who works for the body today; an administrator signs nothing."""
    today = clock.today()
    held = RoleAssignment.objects.filter(Q(until=None) | Q(until__gte=today), since__lte=today)
    found = Person.objects.filter(pk__in=held.exclude(role=Role.ADMINISTRATOR).values("person"))
    return found.exclude(pk=actor.person_id).order_by("name", "pk")


class LastDayForm(forms.Form):
    until = DayField(label=_("Last day"))
