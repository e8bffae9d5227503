from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from applications.catalogue.kinds import documents_asked, sections_of
from applications.catalogue.review_items import Item, item_of
from applications.catalogue.sections import Section
from applications.forms.fields import area
from applications.models import (
    Application,
    Declination,
    PlatformResult,
    ReturnReason,
    ReviewItem,
    Verdict,
)
from applications.models.review import SETTLED
from applications.queries.documents import open_remarks
from applications.services.review_queue import assignment_of, reviewers
from certbody import clock
from certbody.accounts.models import Person, User
from certbody.body.fields import read_fields
from certbody.body.queries import scheme_of
from certbody.body.settings_catalogue import setting
from certbody.files.forms import CheckedFileField, uploads_by
from certbody.web.edits import EditedForm
from certbody.web.forms import DayField, StepForm

PLATFORMS = ("credit_china", "enterprise_credit")
RECORDED = ("verdict", "note", "checked_on", *PLATFORMS, "field_code")
NOTHING_CHOSEN = ("", _("please choose"))


class ReviewItemForm(EditedForm):
    """What the reviewer records on one item; shown inline, one form an item."""

    verdict = forms.ChoiceField(label=_("Verdict"), choices=Verdict.choices, widget=forms.RadioSelect)
    credit_china = forms.ChoiceField(
        label=_("信用中国 says"), choices=[NOTHING_CHOSEN, *PlatformResult.choices], required=False
    )
    enterprise_credit = forms.ChoiceField(
        label=_("企业信用公示 says"), choices=[NOTHING_CHOSEN, *PlatformResult.choices], required=False
    )
    field_code = forms.ChoiceField(label=_("Approved field"), required=False)
    checked_on = DayField(label=_("Day of the check"), required=False)
    note = forms.CharField(
        label=_("Note"),
        max_length=1000,
        required=False,
        widget=area(2),
        help_text=_(
            "Needed unless the answer is yes: what is open, why not, or why it does not apply. The client reads it "
            "only when you ask."
        ),
    )
    file = CheckedFileField(label=_("Picture or document of the check"), required=False)

    def __init__(
        self, *args: Any, actor: User, item: Item, found: ReviewItem | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, edited_object=None, stored=self.values_of(found), prefix=item.key, **kwargs)
        uploads_by(self, user=actor, organisation=None)
        self.item = item
        self.has_file = bool(found and found.file_id)
        if not item.may_be_left_out:
            self.fields["verdict"].choices = [  # type: ignore[attr-defined]
                choice for choice in Verdict.choices if choice[0] != Verdict.NOT_APPLICABLE
            ]
        self._leave_out_fields()

    def _leave_out_fields(self) -> None:
        item = self.item
        unused = [] if item.needs_day else ["checked_on"]
        unused += [] if item.takes_file else ["file"]
        unused += [] if item.asks_platforms else PLATFORMS
        unused += [] if item.chooses_field else ["field_code"]
        for name in unused:
            del self.fields[name]
        if item.chooses_field:
            approved = read_fields(setting("approved_fields"))
            self.fields["field_code"].choices = [  # type: ignore[attr-defined]
                NOTHING_CHOSEN,
                *((code, f"{code} {name}") for code, name in approved.items()),
            ]

    @staticmethod
    def values_of(found: ReviewItem | None) -> dict[str, Any]:
        if found is None:
            return {name: None if name == "checked_on" else "" for name in RECORDED}
        return {name: getattr(found, name) for name in RECORDED}

    def stored_values(self, obj: Application) -> dict[str, Any]:
        """What is recorded of this item for the revision under review."""
        return self.values_of(obj.review_items.filter(revision=obj.revision, key=self.item.key).first())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        verdict, day = data.get("verdict"), data.get("checked_on")
        if verdict and verdict != Verdict.FULFILLED and not data.get("note"):
            self.add_error("note", _("Please say what is open, why not, or why it does not apply."))
        if verdict == Verdict.FULFILLED:
            self._check_yes(data)
        if day is not None and day > clock.today():
            self.add_error("checked_on", _("This day lies in the future."))
        return data

    def _check_yes(self, data: dict[str, Any]) -> None:
        if self.item.needs_day and "checked_on" not in self.errors and data.get("checked_on") is None:
            self.add_error("checked_on", _("Please record the day of this check."))
        if self.item.chooses_field and "field_code" not in self.errors and not data.get("field_code"):
            self.add_error("field_code", _("Please name the approved field that covers the service."))
        if not self.item.asks_platforms:
            return
        for name in PLATFORMS:
            if name not in self.errors and not data.get(name):
                self.add_error(name, _("Please record what this platform says."))
            if data.get(name) == PlatformResult.SERIOUS:
                self.add_error(name, _("With a serious entry the answer cannot be yes."))
        if PlatformResult.MINOR in {data.get(name) for name in PLATFORMS} and not data.get("note"):
            self.add_error("note", _("Please say in the note which entries there are."))
        if "file" not in self.errors and not data.get("file") and not self.has_file:
            self.add_error("file", _("Please keep a picture of the result."))

    def step_data(self) -> dict[str, Any]:
        return {
            "key": self.item.key,
            **{name: self.cleaned_data[name] for name in RECORDED if name in self.fields},
            "file": self.cleaned_data.get("file"),
        }


class AssignForm(StepForm):
    """Who is to review the application."""

    person = forms.ModelChoiceField(
        label=_("Reviewer"), queryset=Person.objects.none(), empty_label=_("please choose")
    )

    def __init__(self, *args: Any, obj: Application, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        current = assignment_of(obj)
        people = reviewers()
        if current is not None:
            people = people.exclude(pk=current.person_id)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.current = current

    def about(self) -> Any:
        if self.current is None:
            return _("Nobody reviews this application yet.")
        return _("At present %(person)s reviews it.") % {"person": self.current.person.name}


class AskForm(StepForm):
    """The questions of a round: one for every open item, prepared from its note, and room for one more."""

    def __init__(self, *args: Any, obj: Application, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        sections = sections_of(obj)
        choices = [(section.value, section.label) for section in sections]
        self.open_items = list(obj.review_items.filter(revision=obj.revision).exclude(verdict__in=SETTLED))
        for row in self.open_items:
            item = item_of(row.key)
            self.fields[f"text_{row.key}"] = forms.CharField(
                label=str(item.label), max_length=500, required=False, initial=row.note[:500], widget=area(),
                help_text=_("Empty: do not ask about this item."),
            )  # fmt: skip
            self.fields[f"section_{row.key}"] = forms.ChoiceField(
                label=_("Section of the application"), choices=choices, initial=_first_section(item, sections)
            )
            self.fields[f"reason_{row.key}"] = _reason_field()
        self.fields["text"] = forms.CharField(
            label=_("Another question"), max_length=500, required=False, widget=area()
        )
        self.fields["section"] = forms.ChoiceField(
            label=_("Section of the application"), choices=choices, required=False
        )
        self.fields["document"] = forms.ChoiceField(
            label=_("Document, if it is about one"),
            choices=[("", _("none in particular")), *_kinds_of_document(obj)],
            required=False,
        )
        self.fields["reason"] = _reason_field()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for key in ("", *(f"_{row.key}" for row in self.open_items)):
            if data.get(f"text{key}") and not data.get(f"reason{key}"):
                self.add_error(f"reason{key}", _("Please choose why this is asked."))
        if not self.errors and not self._questions() and not open_remarks(self.obj):
            raise forms.ValidationError(_("There is nothing to ask yet: write at least one question."))
        return data

    def _questions(self) -> list[dict[str, str]]:
        data = self.cleaned_data
        found = [
            {
                "section": data[f"section_{row.key}"],
                "item": row.key,
                "reason": data[f"reason_{row.key}"],
                "text": data[f"text_{row.key}"],
            }
            for row in self.open_items
            if data.get(f"text_{row.key}")
        ]
        if data.get("text"):
            document = data.get("document", "")
            section = Section.DOCUMENTS if document else data.get("section") or sections_of(self.obj)[0]
            found.append(
                {
                    "section": section,
                    "item": "",
                    "document": document,
                    "reason": data["reason"],
                    "text": data["text"],
                }
            )
        return found

    def step_data(self) -> dict[str, Any]:
        return {"questions": self._questions()}

    def consequence(self) -> Any:
        return _(
            "%(organisation)s gets these questions by mail and may change the application meanwhile."
        ) % {"organisation": self.obj.case.organisation.name}


def _first_section(item: Item, sections: Sequence[Section]) -> str:
    """The first section of this kind of application on which the item rests."""
    return next((section for section in sections if section in item.sections), sections[0])


def _reason_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Why it is asked"),
        choices=[NOTHING_CHOSEN, *ReturnReason.choices],
        required=False,
        help_text=_("For the statistics; the client reads your question, not this."),
    )


def _kinds_of_document(application: Application) -> list[tuple[str, str]]:
    language = get_language() or "en"
    return [
        (kind.key, kind.name.in_language(language))
        for kind in documents_asked(application, scheme_of(application.case))
    ]


class DeclineForm(StepForm):
    """The end of an application by the body: counted by its code, explained to the client in a sentence."""

    code = forms.ChoiceField(
        label=_("Reason for the statistics"), choices=[NOTHING_CHOSEN, *Declination.Code.choices]
    )
    reason = forms.CharField(label=_("Reason, as the client will read it"), max_length=500, widget=area(4))

    def __init__(self, *args: Any, obj: Application, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        if obj.submitted_by is not None:
            language = get_language_info(obj.submitted_by.language)["name_local"]
            self.fields["reason"].help_text = _("The client reads mails in this language: %(language)s.") % {
                "language": language
            }

    def consequence(self) -> Any:
        return _(
            "%(organisation)s gets your reason by mail and on its page, together with the right to appeal within "
            "%(days)s days and the way to do so. This case ends; the questions that are open end with it."
        ) % {"organisation": self.obj.case.organisation.name, "days": setting("appeal_days")}


class WithdrawForm(StepForm):
    reason = forms.CharField(
        label=_("Why, if you like to tell us"), max_length=500, required=False, widget=area(2)
    )
