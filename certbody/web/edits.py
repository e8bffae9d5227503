"""Two people with the same page open: whoever saves second sees what the first one stored, and loses nothing."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from certbody import workflow
from certbody.accounts.models import User
from certbody.web.forms import Sentence, StepForm

MEMORY = frozenset({"seen", "decided"})


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
            self.data[self.add_prefix("seen")] = self._fingerprints(stored)
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
        if not isinstance(known, dict):
            return dict.fromkeys(self.fields, "unreadable")
        return {name: str(text) for name, text in known.items()}

    def _fingerprints(self, stored: Mapping[str, Any]) -> str:
        return json.dumps({name: self._print(name, stored[name]) for name in stored if name in self.fields})

    def _print(self, name: str, value: Any) -> str:
        """Of the value itself, never of its words: they change with the language."""
        text = plain_value(self.fields[name], value)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class FieldwiseForm(EditedForm):
    """An edited form that saves each field by itself, also while typing; a fault in one keeps back no other.

    What the reader left alone is never written, whatever is stored by now, so that two people who change different
    fields both keep their work. A field that both changed is contested; then nothing is saved. `now_seen` is what a
    page that stays open has seen after the answer: it still shows the older value of a field that only others changed.
    """

    # what a page has seen that a save by itself found contested: only a press, by whoever has read both, counts it
    decided = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_pressed = True
        self.now_seen = ""
        self._seen_when_saved = ""
        self._to_save: dict[str, Any] | None = None

    def valid_values(self) -> dict[str, Any]:
        """The fields without fault that the page lets the reader change."""
        fields = (name for name, field in self.fields.items() if name not in MEMORY and not field.disabled)
        return {name: self.cleaned_data[name] for name in fields if name in self.cleaned_data}

    def misfits(self, values: Mapping[str, Any]) -> set[str]:
        """The fields that cannot be stored together if these are the values."""
        return set()

    def values_to_save(self) -> dict[str, Any]:
        """What the reader changed, as `refuse_if_changed` found under the lock."""
        if self._to_save is None:
            raise RuntimeError("nobody compared the page with what is stored")
        return self._to_save

    def saves(self) -> list[dict[str, Any]]:
        """What each step receives that saves a part of it."""
        values = self.values_to_save()
        return [self.step_data(values)] if values else []

    def step_data(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"values": values}

    def look_again(self) -> None:
        """After the commit: the open page has seen what it saved itself."""
        if self._to_save is not None:
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = self.now_seen = self._seen_when_saved
            self.data[self.add_prefix("decided")] = ""

    def refuse_if_changed(self, obj: Any) -> None:
        """Raise ChangedMeanwhile when a field that the reader changed was changed by somebody else too."""
        seen, valid = self._seen(), self.valid_values()
        stored = {name: value for name, value in self.stored_values(obj).items() if name in self.fields}
        now = {name: self._print(name, value) for name, value in stored.items()}
        typed = {name: self._print(name, value) for name, value in valid.items() if name in stored}
        # whoever sends no memory sends all on purpose; what a memory does not name was not on the page
        has_memory = self.cleaned_data.get("seen") != ""
        touched = {name for name in typed if not has_memory or typed[name] != seen.get(name, typed[name])}
        contested = {name for name in touched & seen.keys() if now[name] not in (seen[name], typed[name])}
        misfits = self.misfits(stored | {name: valid[name] for name in touched})
        if misfits <= typed.keys():  # on the page they fit: one was changed by somebody else
            contested |= {name for name in misfits - touched if now[name] != typed[name]}
        if contested:
            self._show_contested(contested, touched, stored)
            raise workflow.ChangedMeanwhile
        self._to_save = {name: valid[name] for name in touched - misfits if typed[name] != now[name]}
        kept = {name: text for name, text in typed.items() if name not in misfits}
        self._seen_when_saved = self._memory(now, seen, kept)

    def _show_contested(self, contested: set[str], touched: set[str], stored: Mapping[str, Any]) -> None:
        """The page of the answer shows what is stored where the reader typed nothing; an open page cannot."""
        seen, valid = self._seen(), self.valid_values()
        now = {name: self._print(name, value) for name, value in stored.items()}
        self.differences = [
            Difference(
                field.label or name, shown_value(field, stored[name]), shown_value(field, valid[name]), True
            )
            for name, field in self.fields.items()
            if name in contested
        ]
        self.now_seen = self._memory(now, seen, {name: now[name] for name in contested})
        self.data = self.data.copy()
        for name in stored.keys() & valid.keys() - touched - contested:
            self._put(name, stored[name])
        shown = {name: now[name] for name in now if name in valid}
        self.data[self.add_prefix("seen")] = self._memory(now, seen, shown)
        self.data[self.add_prefix("decided")] = ""

    def _seen(self) -> dict[str, str]:
        """A memory that does not name a value which is sent with it remembers that one as unreadable."""
        if self.is_pressed and self.cleaned_data.get("decided"):
            self.cleaned_data["seen"] = self.cleaned_data["decided"]
        if self.cleaned_data.get("seen") == "":
            return {}
        sent = [name for name in self.fields if self.add_prefix(name) in self.data]
        return dict.fromkeys(sent, "unreadable") | super()._seen()

    @staticmethod
    def _memory(now: Mapping[str, str], seen: Mapping[str, str], fresh: Mapping[str, str]) -> str:
        """What a page remembers of each field: what it shows now, else what it has shown before."""
        return json.dumps({name: fresh.get(name, seen.get(name, now[name])) for name in now})


class EditedStepForm(EditedForm, StepForm):
    """The form of a step over values that its object has already."""

    def __init__(self, *args: Any, obj: Any, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, edited_object=obj, **kwargs)

    def step_data(self) -> dict[str, Any]:
        return {name: value for name, value in super().step_data().items() if name != "seen"}


def shown_value(field: forms.Field, value: Any) -> str:
    """A value as a person reads it: the label of a choice, a number without trailing zeros, lines ended one way."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(shown_value(field, one) for one in value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    choices = dict(field.choices) if isinstance(field, forms.ChoiceField) else {}
    sent = field.prepare_value(value)
    return str(choices[sent]) if sent in choices else plain_value(field, value)


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
