"""Several files at once for an application: each is given its kind before it becomes a document."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from applications.models import Application, Site
from applications.queries.completeness import Contents, is_required
from applications.queries.file_names import guessed_kind
from applications.queries.uploads import PURPOSE, SEVERAL, target_of
from certbody import clock
from certbody.accounts.models import User
from certbody.files import pieces
from certbody.files.checks import MOST_BYTES_AT_ONCE
from certbody.files.forms import uploads_by
from certbody.files.models import Upload
from certbody.files.piece_forms import PiecesField, PiecesInput
from certbody.scheme.model import DocumentKind, DocumentNeed
from certbody.web.forms import DayField

LATER, DROP = "-later", "-drop"  # no key of a kind begins so
MOST_AT_ONCE = 20


class WholeFilesInput(PiecesInput):
    """Takes the files that a browser sent whole; those in pieces are rows of the form already."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        whole: list[Any] = files.getlist(name) if hasattr(files, "getlist") else []
        return whole


class KindSelect(forms.Select):
    """Marks the kinds that end on a day, so that the page asks for the day only there."""

    ends: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if str(value).partition(":")[0] in self.ends:
            option["attrs"]["data-ends"] = ""
        return option


@dataclass(frozen=True)
class Row:
    """A file that has arrived, with the fields that say what it is."""

    upload: Upload
    kind: forms.BoundField
    expires_on: forms.BoundField
    guess: str

    @property
    def is_guessed(self) -> bool:
        """Whether the kind that stands there is our guess."""
        return bool(self.guess) and self.kind.value() == self.guess


class SeveralForm(forms.Form):
    """What each of the arrived files is. The names of files are hints only: nothing is taken before it was sent."""

    upload = PiecesField(
        label=gettext_lazy("Files"), required=False, most=MOST_AT_ONCE, widget=WholeFilesInput()
    )

    def __init__(
        self, *args: Any, actor: User, application: Application, contents: Contents, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        uploads_by(self, user=actor, organisation=application.case.organisation)
        self.files_field.waits_for(PURPOSE, target_of(application, SEVERAL))
        self.contents = contents
        self.kinds = {kind.key: kind for kind in contents.documents_asked}
        self.sites = {str(site.pk): site for site in contents.sites}
        self.uploads = [row for row in self.files_field.waiting if row.is_complete and pieces.is_here(row)]
        self.guesses = {row.pk: guessed_kind(row.name, contents.documents_asked) for row in self.uploads}
        choices = self._choices()
        ends = frozenset(kind.key for kind in contents.documents_asked if kind.expires)
        for row in self.uploads:
            self._add_fields(row, choices, ends)

    def _add_fields(self, row: Upload, choices: list[Any], ends: frozenset[str]) -> None:
        select = KindSelect(attrs={"class": "form-select"})
        select.ends = ends
        self.fields[f"kind_{row.pk}"] = forms.ChoiceField(
            label=_("What it is"),
            choices=choices,
            widget=select,
            initial=self._offered(self.guesses[row.pk]),
            error_messages={"required": _("Please choose what “%(name)s” is.") % {"name": row.name}},
        )
        day = DayField(label=_("Valid until"), required=False)
        day.widget.attrs["class"] = "form-control"
        self.fields[f"expires_on_{row.pk}"] = day

    @property
    def files_field(self) -> PiecesField:
        field = self.fields["upload"]
        if not isinstance(field, PiecesField):
            raise TypeError("Several documents arrive in pieces")
        return field

    @property
    def rows(self) -> list[Row]:
        return [
            Row(
                row, self[f"kind_{row.pk}"], self[f"expires_on_{row.pk}"], self._offered(self.guesses[row.pk])
            )
            for row in self.uploads
        ]

    @property
    def is_assigned(self) -> bool:
        """Whether the page that was sent asked for the kinds already."""
        return any(f"kind_{row.pk}" in self.data for row in self.uploads)

    @property
    def has_unasked_files(self) -> bool:
        """Whether files arrived after the page that was sent had been made: it asked for no kind of theirs."""
        return any(f"kind_{row.pk}" not in self.data for row in self.uploads)

    def _choices(self) -> list[Any]:
        """What is still needed first, then the rest of the checklist, at the end what else may become of a file."""
        missing: list[tuple[str, str]] = []
        rest: list[tuple[str, str]] = []
        for kind in self.contents.documents_asked:
            is_needed = is_required(kind, len(self.contents.sites))
            is_missing = is_needed and not self.contents.documents_of(kind.key)
            (missing if is_missing else rest).extend(self._choices_of(kind))
        groups: list[Any] = [("", _("Please choose"))]
        if missing:
            groups.append((_("Still needed"), missing))
        if rest:
            groups.append((_("Further documents"), rest))
        return [*groups, (_("Not now"), [(LATER, _("Decide later")), (DROP, _("Do not upload this file"))])]

    def _choices_of(self, kind: DocumentKind) -> list[tuple[str, str]]:
        """A document of several sites is one for all of them, or that of one site: nobody decides this silently."""
        name = kind.name.in_language(get_language() or "en")
        if not self._is_of_sites(kind):
            return [(kind.key, name)]
        labels = [
            ("", _("all sites, in one document")),
            *((pk, site.name) for pk, site in self.sites.items()),
        ]
        return [(f"{kind.key}:{pk}", f"{name} · {label}") for pk, label in labels]

    def _is_of_sites(self, kind: DocumentKind) -> bool:
        return kind.required == DocumentNeed.IF_MULTI_SITE and len(self.sites) > 1

    def _offered(self, guess: str) -> str:
        """A guess that leaves open of which site it speaks is none."""
        return "" if guess and self._is_of_sites(self.kinds[guess]) else guess

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for row in self.uploads:
            self._check_day(row, data)
        taken = self._taken(data)
        if len(taken) > MOST_AT_ONCE or sum(row.size for row in taken) > MOST_BYTES_AT_ONCE:
            self.add_error(
                None,
                _(
                    "At most %(most)s files and 60 MB can be taken at once: please choose “Decide later” for some, and "
                    "upload them in a second round."
                )
                % {"most": MOST_AT_ONCE},
            )
        return data

    def _check_day(self, row: Upload, data: dict[str, Any]) -> None:
        name = f"expires_on_{row.pk}"
        kind, day = self.kinds.get(_key_in(data.get(f"kind_{row.pk}", ""))), data.get(name)
        if kind is None or not kind.expires or name in self.errors:
            return
        if day is None:
            self.add_error(name, _("Please enter until when “%(name)s” is valid.") % {"name": row.name})
        elif day < clock.today():
            self.add_error(name, _("This document has expired: please upload the present one."))

    def _taken(self, data: dict[str, Any]) -> list[Upload]:
        return [row for row in self.uploads if data.get(f"kind_{row.pk}", "") not in {"", LATER, DROP}]

    def dropped(self) -> list[Upload]:
        return [row for row in self.uploads if self.cleaned_data[f"kind_{row.pk}"] == DROP]

    def used_up(self) -> list[Upload]:
        """What becomes a document now."""
        return self._taken(self.cleaned_data)

    def step_data(self) -> list[dict[str, Any]]:
        """What each step receives that adds one of the files; a file that can never pass is dropped and named.

        Opens and checks every file, so it is asked for once, after the form is valid. Raises ValidationError.
        """
        found, faults = [], []
        for row in self.used_up():
            try:
                [checked] = self.files_field.check_arrived([row])
            except ValidationError as fault:
                faults.append(fault)
                continue
            found.append(self._facts_of(row) | {"upload": checked})
        if faults:
            raise ValidationError(faults)
        return found

    def _facts_of(self, row: Upload) -> dict[str, Any]:
        key, _colon, pk = self.cleaned_data[f"kind_{row.pk}"].partition(":")
        site: Site | None = self.sites.get(pk)
        return {
            "kind": key,
            "replaces": None,
            "site": site.pk if site else None,
            "number": "",
            "expires_on": self.cleaned_data[f"expires_on_{row.pk}"] if self.kinds[key].expires else None,
            "is_stamped": False,
        }


def _key_in(choice: str) -> str:
    return choice.partition(":")[0]
