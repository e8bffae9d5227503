from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import area
from applications.kinds import sections_of
from applications.models import Application, ReviewItem, Verdict
from applications.review_items import Item, item_of
from applications.sections import Section
from certbody import clock
from certbody.accounts.models import User
from certbody.files.forms import CheckedFileField, uploads_by
from certbody.web.edits import EditedForm
from certbody.web.forms import DayField, StepForm


class ReviewItemForm(EditedForm):
    """What the reviewer records on one item; shown inline, one form an item."""

    verdict = forms.ChoiceField(label=_("Verdict"), choices=Verdict.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=area(2),
        help_text=_(
            "Needed unless fulfilled: what is open or why not. The client reads it only when you ask."
        ),
    )
    checked_on = DayField(label=_("Day of the check"), required=False)
    file = CheckedFileField(label=_("Picture or document of the check"), required=False)

    def __init__(
        self, *args: Any, actor: User, item: Item, found: ReviewItem | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, edited_object=None, stored=self.values_of(found), prefix=item.key, **kwargs)
        uploads_by(self, user=actor, organisation=None)
        self.item = item
        if not item.needs_day:
            del self.fields["checked_on"]
        if not item.takes_file:
            del self.fields["file"]

    @staticmethod
    def values_of(found: ReviewItem | None) -> dict[str, Any]:
        if found is None:
            return {"verdict": "", "note": "", "checked_on": None}
        return {"verdict": found.verdict, "note": found.note, "checked_on": found.checked_on}

    def stored_values(self, obj: Application) -> dict[str, Any]:
        """What is recorded of this item for the revision under review."""
        return self.values_of(obj.review_items.filter(revision=obj.revision, key=self.item.key).first())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        verdict, day = data.get("verdict"), data.get("checked_on")
        if verdict and verdict != Verdict.FULFILLED and not data.get("note"):
            self.add_error("note", _("Please say what is open or why it is not fulfilled."))
        if (
            self.item.needs_day
            and verdict == Verdict.FULFILLED
            and "checked_on" not in self.errors
            and day is None
        ):
            self.add_error("checked_on", _("Please record the day of this check."))
        if day is not None and day > clock.today():
            self.add_error("checked_on", _("This day lies in the future."))
        return data

    def step_data(self) -> dict[str, Any]:
        return {
            "key": self.item.key,
            "verdict": self.cleaned_data["verdict"],
            "note": self.cleaned_data["note"],
            "checked_on": self.cleaned_data.get("checked_on"),
            "file": self.cleaned_data.get("file"),
        }


class AskForm(StepForm):
    """The questions of a round: one for every open item, prepared from its note, and room for one more."""

    def __init__(self, *args: Any, obj: Application, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        sections = sections_of(obj)
        choices = [(section.value, section.label) for section in sections]
        self.open_items = list(
            obj.review_items.filter(revision=obj.revision).exclude(verdict=Verdict.FULFILLED)
        )
        for row in self.open_items:
            item = item_of(row.key)
            self.fields[f"text_{row.key}"] = forms.CharField(
                label=str(item.label), max_length=500, required=False, initial=row.note, widget=area(),
                help_text=_("Empty: do not ask about this item."),
            )  # fmt: skip
            self.fields[f"section_{row.key}"] = forms.ChoiceField(
                label=_("Section of the application"), choices=choices, initial=_first_section(item, sections)
            )
        self.fields["text"] = forms.CharField(
            label=_("Another question"), max_length=500, required=False, widget=area()
        )
        self.fields["section"] = forms.ChoiceField(
            label=_("Section of the application"), choices=choices, required=False
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not self._questions():
            raise forms.ValidationError(_("There is nothing to ask yet: write at least one question."))
        return data

    def _questions(self) -> list[dict[str, str]]:
        data = self.cleaned_data
        found = [
            {"section": data[f"section_{row.key}"], "item": row.key, "text": data[f"text_{row.key}"]}
            for row in self.open_items
            if data.get(f"text_{row.key}")
        ]
        if data.get("text"):
            found.append(
                {"section": data.get("section") or sections_of(self.obj)[0], "item": "", "text": data["text"]}
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


class DeclineForm(StepForm):
    reason = forms.CharField(label=_("Reason, as the client will read it"), max_length=500, widget=area(4))

    def consequence(self) -> Any:
        return _("%(organisation)s gets your reason by mail, may appeal, and this case ends.") % {
            "organisation": self.obj.case.organisation.name
        }


class WithdrawForm(StepForm):
    reason = forms.CharField(
        label=_("Why, if you like to tell us"), max_length=500, required=False, widget=area(2)
    )
