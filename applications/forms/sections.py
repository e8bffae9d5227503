"""One form a section. Every field may stay empty: an application is saved as far as it goes, faults are named."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.catalogue.kinds import fields_of
from applications.catalogue.sections import Section
from applications.forms.fields import CountField, EnglishField, PrintedField, YesNoField, area, counted
from applications.models import Application, Site
from applications.services.applications import row_of
from applications.states import Agent, SiteKind
from certbody import clock
from certbody.accounts.models import GoodsTrade
from certbody.scheme.model import Clause, Goods, Scheme
from certbody.web.edits import MEMORY, FieldwiseForm
from certbody.web.forms import DayField

HEADCOUNT = "headcount"
PARTS_OF_IT = ("service_management_headcount", "managers_trained")
# three lines of the certificate, 33 Chinese or 58 Latin characters each (certbody.pdf.certificate.extra_lines)
SCOPE_PRINTS_WELL, SCOPE_EN_PRINTS_WELL = 99, 174
MOST_CATEGORIES = 99


def _misfits(values: Mapping[str, Any]) -> set[str]:
    whole = values.get(HEADCOUNT)
    if whole is None:
        return set()
    beyond = {name for name in PARTS_OF_IT if (values.get(name) or 0) > whole}
    return beyond | {HEADCOUNT} if beyond else set()


def _check_parts(form: forms.Form) -> None:
    for name in _misfits(form.cleaned_data) - {HEADCOUNT}:
        form.add_error(name, _("This is more than the whole headcount."))


class SectionForm(FieldwiseForm):
    section: str

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        self.asked = fields_of(application, self.section)
        super().__init__(*args, edited_object=application, **kwargs)
        for name in [known for known in self.fields if known not in MEMORY and known not in self.asked]:
            del self.fields[name]

    def stored_values(self, obj: Application) -> dict[str, Any]:
        row = row_of(obj, self.section)
        return {name: getattr(row, name) for name in self.asked}

    def step_data(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"section": self.section, "values": values}


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

    agent_kind = forms.ChoiceField(
        label=_("Who helps you with this application?"),
        choices=Agent.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("An agent or consultant is no reason to refuse; whoever advised you may not audit you."),
    )
    agent_name = PrintedField(label=_("Name of the agent or consultant"), max_length=120, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        _check_parts(self)
        return data

    def misfits(self, values: Mapping[str, Any]) -> set[str]:
        return _misfits(values)


class ScopeForm(SectionForm):
    section = Section.SCOPE

    scope = PrintedField(
        label=_("Scope in Chinese"),
        max_length=300,
        required=False,
        help_text=_(
            "What is sold and which after-sales services go with it, as the certificate is to print it. Up to 99 "
            "characters stand in three lines and print well; 300 are possible."
        ),
        widget=counted(SCOPE_PRINTS_WELL),
    )
    scope_en = EnglishField(
        label=_("Scope in English"),
        max_length=400,
        required=False,
        help_text=_("Up to 174 characters stand in three lines and print well; 400 are possible."),
        widget=counted(SCOPE_EN_PRINTS_WELL),
    )
    goods = forms.ChoiceField(
        label=_("Kind of goods"),
        choices=GoodsTrade.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("It decides which clauses of the standard may be left out."),
    )
    product_categories = CountField(
        label=_("Categories of goods"),
        required=False,
        help_text=_(
            "How many kinds of goods are serviced apart, for example air conditioners and lifts: two. Each further one "
            "adds to the person-days of the audit."
        ),
    )

    def clean_product_categories(self) -> int | None:
        number: int | None = self.cleaned_data["product_categories"]
        if number is not None and not 1 <= number <= MOST_CATEGORIES:
            raise forms.ValidationError(
                _("Please give a number from 1 to %(most)s.") % {"most": MOST_CATEGORIES}
            )
        return number


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
        label=_("Serious quality and after-sales problems in the past year"),
        required=False,
        yes=_("There were none."),
        no=_("There was at least one."),
    )
    operates_lawfully = YesNoField(
        label=_("Lawful operation"),
        required=False,
        yes=_("The organisation is registered in mainland China and operates lawfully."),
        no=_("One of the two is not the case."),
    )
    pays_fees_itself = YesNoField(
        label=_("Payment of the certification fees"),
        required=False,
        yes=_("The organisation pays them itself."),
        no=_("Somebody else pays them."),
    )
    note = forms.CharField(
        label=_("Anything else we should know"), max_length=500, required=False, widget=area(2)
    )

    def clean_system_running_since(self) -> Any:
        day = self.cleaned_data["system_running_since"]
        if day is not None and day > clock.today():
            raise forms.ValidationError(_("This day lies in the future."))
        return day


class SiteForm(FieldwiseForm):
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
    managers_trained = CountField(
        label=_("Trained after-sales service managers of the site"),
        required=False,
        help_text=_("Training by any provider counts."),
    )
    kind = forms.ChoiceField(
        label=_("Kind of site"),
        choices=SiteKind.choices,
        required=False,
        widget=forms.RadioSelect,
        initial=SiteKind.BRANCH,
        help_text=_("There is one head office; choosing it here makes a branch of the present one."),
    )

    def __init__(self, *args: Any, application: Application, site: Site | None = None, **kwargs: Any) -> None:
        self.site = site
        super().__init__(*args, edited_object=application, stored=self.values_of(site), **kwargs)
        if site is not None and site.is_head_office:
            # a disabled field answers with its initial value, whatever is posted
            self.fields["kind"].initial = SiteKind.HEAD_OFFICE
            self.fields["kind"].disabled = True
            self.fields["kind"].help_text = _("Make another site the head office to change this.")

    def clean_kind(self) -> str:
        """Without an answer a new site is a branch, and one that is there stays what it is."""
        return self.cleaned_data["kind"] or (self.site.kind if self.site else SiteKind.BRANCH)

    def values_of(self, site: Site | None) -> dict[str, Any]:
        return {name: getattr(site, name) for name in self.base_fields if name not in MEMORY} if site else {}

    def stored_values(self, obj: Application) -> dict[str, Any]:
        if self.site is None:
            return {}
        # one that is gone is refused by the step
        return self.values_of(obj.sites.filter(pk=self.site.pk).first() or self.site)

    def step_data(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"site": self.site.pk if self.site else None, "values": values}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        _check_parts(self)
        return data

    def misfits(self, values: Mapping[str, Any]) -> set[str]:
        return _misfits(values)


def excludable_clauses(scheme: Scheme, goods: str) -> list[Clause]:
    """The clauses that this kind of goods may leave out; none before the kind is known."""
    return [clause for clause in scheme.clauses if goods and clause.is_excludable_for(Goods(goods))]


class ExclusionsForm(FieldwiseForm):
    """A reason a clause: an empty one means that the clause applies. Clauses already proposed are always shown."""

    def __init__(
        self, *args: Any, application: Application, clauses: list[Clause], language: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, edited_object=application, stored={}, **kwargs)
        reasons = self._reasons(application)
        titles = {clause.id: clause.title.in_language(language) for clause in clauses}
        self.clauses = {self.field_name(clause): clause for clause in sorted({*titles, *reasons})}
        for name, clause in self.clauses.items():
            self.fields[name] = forms.CharField(
                label=f"{clause} {titles.get(clause, '')}".strip(),
                max_length=300,
                required=False,
                widget=forms.TextInput(attrs={"data-clause": clause}),
            )
        if not self.is_bound:
            self.show(self._by_field(reasons))

    @staticmethod
    def field_name(clause: str) -> str:
        return f"clause_{clause.replace('.', '_')}"

    def stored_values(self, obj: Application) -> dict[str, str]:
        return self._by_field(self._reasons(obj))

    def step_data(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"reasons": {self.clauses[name]: reason for name, reason in values.items()}}

    def _by_field(self, reasons: Mapping[str, str]) -> dict[str, str]:
        return {name: reasons.get(clause, "") for name, clause in self.clauses.items()}

    @staticmethod
    def _reasons(application: Application) -> dict[str, str]:
        return dict(application.exclusions.values_list("clause", "reason"))


class AnswersForm(FieldwiseForm):
    """One answer a question; each is a step of its own."""

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, edited_object=application, stored={}, **kwargs)
        self.questions = list(application.questions.filter(revision=application.revision))
        for question in self.questions:
            self.fields[self.field_name(question.pk)] = forms.CharField(
                label=question.text, max_length=1000, required=False, widget=area()
            )
        if not self.is_bound:
            self.show({self.field_name(question.pk): question.answer for question in self.questions})

    @staticmethod
    def field_name(question: int) -> str:
        return f"answer_{question}"

    def stored_values(self, obj: Application) -> dict[str, Any]:
        asked = obj.questions.filter(revision=obj.revision)
        return {self.field_name(pk): answer for pk, answer in asked.values_list("pk", "answer")}

    def saves(self) -> list[dict[str, Any]]:
        answers, asked = self.values_to_save(), [question.pk for question in self.questions]
        return [
            {"question": pk, "answer": answers[self.field_name(pk)]}
            for pk in asked
            if self.field_name(pk) in answers
        ]
