"""Two people with the same page open: whoever saves second sees what the first one stored, and loses nothing."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from certbody import workflow
from certbody.accounts.models import User
from certbody.web.forms import Sentence, StepForm


@dataclass(frozen=True)
class Difference:
    """A value that somebody stored while the page was open; `typed` is empty when the reader had not touched it."""

    label: Sentence
    stored: str
    typed: str = ""
    is_contested: bool = False


class EditedForm(forms.Form):
    """A form over values that are stored already.

    The hidden `seen` holds a fingerprint of each value as the page showed it. When another one is stored by the time
    the form is saved, nothing is saved: fields that the reader left alone show the newer value, the others keep what
    was typed, and both values are listed. Saving that page again is a decision made with open eyes.
    """

    edited: ClassVar[tuple[str, ...]] = ()

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64_000)

    def __init__(
        self, *args: Any, edited_object: Any, stored: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.differences: list[Difference] = []
        self.now_seen = ""
        if not self.is_bound:
            self.show(self.stored_values(edited_object) if stored is None else stored)

    def show(self, stored: Mapping[str, Any]) -> None:
        """Fill the fields with what is stored and remember it."""
        for name, value in stored.items():
            if name in self.fields and value is not None and value != "":
                self.fields[name].initial = value
        self.fields["seen"].initial = self._fingerprints(stored)

    def stored_values(self, obj: Any) -> Mapping[str, Any]:
        """What is stored of the fields that this form edits."""
        return {name: getattr(obj, name) for name in self.edited}

    def look_again(self, obj: Any) -> None:
        """After a save that leaves the page open: what is stored now is what the page has seen."""
        self.now_seen = self._fingerprints(self.stored_values(obj))

    def refuse_if_changed(self, obj: Any) -> None:
        """Raise ChangedMeanwhile when `obj`, which the caller has locked, no longer is what the page showed."""
        seen = self._seen()
        stored = {name: value for name, value in self.stored_values(obj).items() if name in self.fields}
        changed = [name for name in stored if name in seen and self._print(name, stored[name]) != seen[name]]
        if not changed:
            return
        self.data = self.data.copy()
        for name in changed:
            self._merge(name, stored[name], seen[name])
        if self.differences:
            self.data[self.add_prefix("seen")] = self.now_seen = self._fingerprints(stored)
            raise workflow.ChangedMeanwhile

    def _merge(self, name: str, stored: Any, seen: str) -> None:
        field, typed = self.fields[name], self.cleaned_data.get(name)
        if self._print(name, typed) == self._print(name, stored):
            return
        is_contested = self._print(name, typed) != seen
        if not is_contested:
            self._put(name, stored)
        shown = shown_value(field, typed) if is_contested else ""
        self.differences.append(
            Difference(field.label or name, shown_value(field, stored), shown, is_contested)
        )

    def _put(self, name: str, value: Any) -> None:
        written = self.fields[name].prepare_value(value)
        key = self.add_prefix(name)
        if isinstance(written, list | tuple):
            self.data.setlist(key, [str(one) for one in written])  # type: ignore[attr-defined]
        else:
            self.data[key] = "" if written is None else str(written)  # type: ignore[index]

    def _seen(self) -> dict[str, str]:
        """What the page remembers; a memory that cannot be read remembers nothing as it is, so that all is compared."""
        try:
            known = json.loads(self.cleaned_data.get("seen", "0") or "{}")
        except (ValueError, RecursionError):
            known = None
        return known if isinstance(known, dict) else dict.fromkeys(self.fields, "unreadable")

    def _fingerprints(self, stored: Mapping[str, Any]) -> str:
        return json.dumps({name: self._print(name, stored[name]) for name in stored if name in self.fields})

    def _print(self, name: str, value: Any) -> str:
        """Of the value itself, never of its words: they change with the language."""
        text = plain_value(self.fields[name], value)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class EditedStepForm(EditedForm, StepForm):
    """The form of a step over values that its object has already."""

    def __init__(self, *args: Any, obj: Any, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, edited_object=obj, **kwargs)

    def step_data(self) -> dict[str, Any]:
        return {name: value for name, value in super().step_data().items() if name != "seen"}


def differences_to_stored(form: forms.Form, names: Iterable[str]) -> list[Difference]:
    """The fields whose typed value is not the stored one, which a form shows as its initial value."""
    found = []
    for name in names:
        field = form.fields[name]
        stored = shown_value(field, form.get_initial_for_field(field, name))
        typed = shown_value(field, form.cleaned_data.get(name))
        if typed != stored:
            found.append(Difference(field.label or name, stored, typed, is_contested=True))
    return found


def shown_value(field: forms.Field, value: Any) -> str:
    """A value as a person reads it: the label of a choice, a number without trailing zeros, lines ended one way."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(shown_value(field, one) for one in value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    choices = dict(field.choices) if isinstance(field, forms.ChoiceField) else {}
    return str(choices[value]) if value in choices else plain_value(field, value)


def plain_value(field: forms.Field, value: Any) -> str:
    """A value as the form sends it: a number without trailing zeros, lines ended one way."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return json.dumps([plain_value(field, one) for one in value])
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return "\n".join(str(field.prepare_value(value)).splitlines()).strip()


def check_unchanged(
    form: forms.Form | None, obj: Any, *, step: workflow.Step | None = None, actor: User | None = None
) -> None:
    """Lock the object inside the caller's transaction; raise ChangedMeanwhile when it is not what the page showed.

    Whoever may not take the step learns nothing of the values: the step itself refuses.
    """
    if not isinstance(form, EditedForm):
        return
    fresh = workflow.locked(obj)
    if step is None or step.allowed(actor, fresh):
        form.refuse_if_changed(fresh)
