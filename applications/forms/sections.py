"""One form a section. Every field may stay empty: an application is saved as far as it goes, faults are named."""

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import CountField, DayField, EnglishField, PrintedField, YesNoField, area
from applications.models import Application, Site
from applications.sections import FIELDS, Section
from applications.services.applications import edits_of
from certbody import clock
from certbody.accounts.models import GoodsTrade
from certbody.scheme.model import Clause, Goods, Scheme
from certbody.web.edits import Difference, EditedForm, differences_to_stored

HEADCOUNT, MANAGEMENT = "headcount", "service_management_headcount"


class EditForm(forms.Form):
    """A form that remembers what it was opened on: `page` names the open page, `seen` the edits it knew of."""

    page = forms.CharField(widget=forms.HiddenInput, max_length=32, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        application: Application,
        edit_key: str,
        stored: Application | Site | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.stored = stored
        self.fields["page"].initial = lambda: secrets.token_hex(8)
        self.fields["seen"].initial = edits_of(application, edit_key)

    def origin(self) -> dict[str, Any]:
        """What the service needs to see whether somebody else saved meanwhile."""
        seen = self.cleaned_data.get("seen") or 0
        is_meant = self.data.get("overwrite") == "true"
        return {"page": self.cleaned_data.get("page") or "", "seen": None if is_meant else seen}

    @property
    def differences(self) -> list[Difference]:
        """What is stored beside what was typed, for the reader who has to choose."""
        return differences_to_stored(self, self.content_names())

    def content_names(self) -> list[str]:
        return [name for name in self.fields if name not in {"page", "seen"}]

    def valid_values(self) -> dict[str, Any]:
        """The fields without fault, which are saved even when another has one.

        A headcount and its part are held back together when one would no longer fit the other as it is stored.
        """
        values = {name: self.cleaned_data[name] for name in self.content_names() if name in self.cleaned_data}
        if HEADCOUNT in self.fields:
            whole, part = (
                values.get(name, getattr(self.stored, name, None)) for name in (HEADCOUNT, MANAGEMENT)
            )
            if whole is not None and part is not None and part > whole:
                values = {
                    name: value for name, value in values.items() if name not in {HEADCOUNT, MANAGEMENT}
                }
        return values


class SectionForm(EditForm):
    section: str

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(application, name) for name in FIELDS[self.section]}
        super().__init__(*args, application=application, edit_key=self.section, stored=application, **kwargs)


def _check_part(form: forms.Form) -> None:
    whole, part = form.cleaned_data.get(HEADCOUNT), form.cleaned_data.get(MANAGEMENT)
    if whole is not None and part is not None and part > whole:
        form.add_error(MANAGEMENT, _("This is more than the whole headcount."))


class HeadcountForm(SectionForm):
    section = Section.ORGANISATION

    headcount = CountField(
        label=_("Headcount"), required=False, help_text=_("Everybody who works at the sites to be certified.")
    )
    service_management_headcount = CountField(
        label=_("Service-management headcount"),
        required=False,
        help_text=_("Who manages after-sales service: head office, branches and outlets together."),
    )
    managers_trained = CountField(
        label=_("Trained after-sales service managers"),
        required=False,
        help_text=_(
            "One in ten of the service-management headcount is needed, at least one. Training by any provider counts."
        ),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        _check_part(self)
        return data


class ScopeForm(SectionForm):
    section = Section.SCOPE

    scope = PrintedField(
        label=_("Scope in Chinese"),
        max_length=300,
        required=False,
        help_text=_(
            "What is sold and which after-sales services go with it, as the certificate is to print it."
        ),
        widget=area(),
    )
    scope_en = EnglishField(label=_("Scope in English"), max_length=400, required=False, widget=area())
    goods = forms.ChoiceField(
        label=_("Kind of goods"),
        choices=GoodsTrade.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("It decides which clauses of the standard may be left out."),
    )


class PrerequisitesForm(SectionForm):
    section = Section.PREREQUISITES

    system_running_since = DayField(label=_("Since when does the service system run?"), required=False)
    person_in_charge = PrintedField(
        label=_("Who is in charge of after-sales service?"), max_length=80, required=False
    )
    funds_note = forms.CharField(
        label=_("Which funds are set aside for after-sales service?"),
        max_length=300,
        required=False,
        help_text=_("For example the yearly budget, a compensation reserve or an insurance."),
        widget=area(2),
    )
    no_serious_fault = YesNoField(
        label=_(
            "Has the organisation been free of serious quality and after-sales problems in the past year?"
        ),
        required=False,
    )
    operates_lawfully = YesNoField(
        label=_("Is the organisation registered in mainland China and does it operate lawfully?"),
        required=False,
    )
    pays_fees_itself = YesNoField(
        label=_("Will the organisation pay the certification fees itself, not through a third party?"),
        required=False,
    )
    note = forms.CharField(
        label=_("Anything else we should know"), max_length=500, required=False, widget=area(2)
    )

    def clean_system_running_since(self) -> Any:
        day = self.cleaned_data["system_running_since"]
        if day is not None and day > clock.today():
            raise forms.ValidationError(_("This day lies in the future."))
        return day


class SiteForm(EditForm):
    name = PrintedField(label=_("Name of the site"), max_length=120)
    name_en = EnglishField(label=_("Name in English"), max_length=200, required=False)
    address = PrintedField(label=_("Address"), max_length=200)
    address_en = EnglishField(label=_("Address in English"), max_length=300, required=False)
    activity = PrintedField(
        label=_("Activity"), max_length=200, required=False, help_text=_("What is done there, for the annex.")
    )
    activity_en = EnglishField(label=_("Activity in English"), max_length=300, required=False)
    headcount = CountField(label=_("Headcount of the site"), required=False)
    service_management_headcount = CountField(
        label=_("Service-management headcount of the site"), required=False
    )
    is_head_office = forms.BooleanField(label=_("This site is the head office"), required=False)

    def __init__(self, *args: Any, application: Application, site: Site | None = None, **kwargs: Any) -> None:
        key = f"site {site.pk}" if site is not None else "site"
        if site is not None:
            kwargs["initial"] = {
                name: getattr(site, name) for name in self.base_fields if hasattr(site, name)
            }
        super().__init__(*args, application=application, edit_key=key, stored=site, **kwargs)
        if site is not None and site.is_head_office:
            self.fields["is_head_office"].disabled = True
            self.fields["is_head_office"].help_text = _(
                "Mark another site as the head office to change this."
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        _check_part(self)
        return data


def excludable_clauses(scheme: Scheme, goods: str) -> list[Clause]:
    """The clauses that this kind of goods may leave out; none before the kind is known."""
    return [clause for clause in scheme.clauses if goods and clause.is_excludable_for(Goods(goods))]


class ExclusionsForm(EditForm):
    """A reason a clause: an empty one means that the clause applies. Clauses already proposed are always shown."""

    def __init__(
        self, *args: Any, application: Application, clauses: list[Clause], language: str, **kwargs: Any
    ) -> None:
        reasons = dict(application.exclusions.values_list("clause", "reason"))
        super().__init__(*args, application=application, edit_key=Section.EXCLUSIONS, **kwargs)
        titles = {clause.id: clause.title.in_language(language) for clause in clauses}
        for clause in sorted({*titles, *reasons}):
            self.fields[self.field_name(clause)] = forms.CharField(
                label=f"{clause} {titles.get(clause, '')}".strip(),
                max_length=300,
                required=False,
                initial=reasons.get(clause, ""),
                widget=forms.TextInput(attrs={"data-clause": clause}),
            )

    @staticmethod
    def field_name(clause: str) -> str:
        return f"clause_{clause.replace('.', '_')}"

    def reasons(self) -> dict[str, str]:
        return {
            name.removeprefix("clause_").replace("_", "."): value
            for name, value in self.valid_values().items()
        }


class AnswersForm(EditedForm):
    """One answer a question."""

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, edited_object=application, stored={}, **kwargs)
        self.questions = list(application.questions.filter(revision=application.revision))
        for question in self.questions:
            self.fields[f"answer_{question.pk}"] = forms.CharField(
                label=question.text, max_length=1000, required=False, widget=area()
            )
        if not self.is_bound:
            self.show({f"answer_{question.pk}": question.answer for question in self.questions})

    def stored_values(self, obj: Application) -> dict[str, Any]:
        asked = obj.questions.filter(revision=obj.revision)
        return {f"answer_{pk}": answer for pk, answer in asked.values_list("pk", "answer")}

    def changed_answers(self) -> dict[int, str]:
        """Answers without fault that differ from the recorded ones, by question."""
        found = {}
        for question in self.questions:
            name = f"answer_{question.pk}"
            if name in self.cleaned_data and self.cleaned_data[name] != question.answer:
                found[question.pk] = self.cleaned_data[name]
        return found
