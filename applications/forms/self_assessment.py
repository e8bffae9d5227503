"""The form of a self-assessment: every indicator of the scoring table, answered by whoever looks at himself."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import GoodsTrade, Organisation
from certbody.scheme.marks import EmptyPopulation, Excluded, Mark, Met, Sampled
from certbody.scheme.model import Clause, ClauseKind, Goods, Scheme
from certbody.scheme.sheet import Bonus, Sheet, Special, build_sheet
from certbody.web.forms import SentOnceForm

MOST_SAMPLES = 100_000
MOST_VALUES = 20  # of one field: there are fewer grounds for a deduction
MOST_LETTERS = 40  # of one value: longer than every answer, key and number
NOTE = "self-assessment"  # the engine wants a reason for what is left out; nobody reads it


class Answer(TextChoices):
    MET = "met", _("met")
    NOT_MET = "not_met", _("not met")
    COUNTED = "counted", _("as counted beside")
    EMPTY = "empty", _("nothing to look at, the arrangement exists")
    EXCLUDED = "excluded", _("does not apply to us")


OF_A_FIXED_CLAUSE = (Answer.MET, Answer.NOT_MET)
OF_A_SAMPLED_CLAUSE = (Answer.COUNTED, Answer.EMPTY, Answer.NOT_MET)


class SelfAssessmentForm(forms.Form):
    """Answers may be missing: then the form is valid and gives no sheet yet."""

    goods = forms.ChoiceField(
        label=_("Kind of goods"),
        choices=GoodsTrade.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, *args: Any, scheme: Scheme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scheme = scheme
        language = get_language() or "en"
        for clause in scheme.clauses:
            self._add(clause, clause.title.in_language(language))
        grounds = [(ground.key, ground.name.in_language(language)) for ground in scheme.rules.grounds]
        self.fields["specials"] = forms.MultipleChoiceField(
            label=_("Did any of this happen in the past year?"),
            choices=grounds,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        if scheme.rules.bonus_max_count:
            bonus = scheme.rules.bonus_ground.in_language(language)
            self.fields["bonus"] = forms.BooleanField(label=bonus, required=False)

    def _add(self, clause: Clause, title: str) -> None:
        is_sampled = clause.kind is ClauseKind.SAMPLED
        offered = [*(OF_A_SAMPLED_CLAUSE if is_sampled else OF_A_FIXED_CLAUSE)]
        if clause.excludable_when:
            offered.append(Answer.EXCLUDED)
        choices = [("", "–"), *((answer.value, answer.label) for answer in offered)]
        described = f"id_{clause.id}-demand"
        select = forms.Select(attrs={"class": "form-select", "aria-describedby": described})
        self.fields[clause.id] = forms.ChoiceField(
            label=title, choices=choices, required=False, widget=select
        )
        if is_sampled:
            self.fields[f"{clause.id}.sampled"] = self._number(_("looked at"))
            self.fields[f"{clause.id}.failed"] = self._number(_("of these not in order"))

    @staticmethod
    def _number(label: Any) -> forms.IntegerField:
        widget = forms.NumberInput(attrs={"class": "form-control"})
        return forms.IntegerField(
            label=label, min_value=0, max_value=MOST_SAMPLES, required=False, widget=widget
        )

    def answers(self) -> str:
        """What was sent of this form's own fields, as an address would say it."""
        kept = QueryDict(mutable=True)
        for name in self.fields:
            given = [value[:MOST_LETTERS] for value in self.data.getlist(name) if value]  # type: ignore[attr-defined]
            kept.setlist(name, given[-MOST_VALUES:] if name == "specials" else given[-1:])
        return kept.urlencode()

    def rows(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The groups of the table with their indicators, each with its fields."""
        language = get_language() or "en"
        for group in self.scheme.level1:
            clauses = [clause for clause in self.scheme.clauses if clause.section == group.id]
            yield (
                f"{group.id} {group.title.in_language(language)}",
                [
                    {
                        "clause": clause,
                        "answer": self[clause.id],
                        "counts": [
                            self[name]
                            for name in (f"{clause.id}.sampled", f"{clause.id}.failed")
                            if name in self.fields
                        ],
                    }
                    for clause in clauses
                ],
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        goods = values.get("goods")
        for clause in self.scheme.clauses:
            answer = values.get(clause.id)
            if answer == "" and values.get(f"{clause.id}.sampled"):
                values[clause.id] = answer = Answer.COUNTED  # who counted need not say so twice
            if answer == Answer.EXCLUDED and goods and not clause.is_excludable_for(Goods(goods)):
                self.add_error(clause.id, _("With this kind of goods the indicator applies to everybody."))
            elif answer == Answer.COUNTED:
                self._check_counts(clause, values)
        return values

    def _check_counts(self, clause: Clause, values: dict[str, Any]) -> None:
        sampled, failed = values.get(f"{clause.id}.sampled"), values.get(f"{clause.id}.failed")
        if not sampled:
            self.add_error(clause.id, _("Please say how many you looked at."))
        elif failed is None:
            self.add_error(clause.id, _("Please say how many of them were not in order."))
        elif failed > sampled:
            self.add_error(clause.id, _("More were not in order than you looked at."))

    @cached_property
    def marks(self) -> dict[str, Mark]:
        """What was answered, as the engine reads it."""
        found: dict[str, Mark] = {}
        for clause in self.scheme.clauses:
            if answer := self.cleaned_data.get(clause.id):
                found[clause.id] = self._mark(clause, Answer(answer))
        return found

    def _mark(self, clause: Clause, answer: Answer) -> Mark:
        if answer == Answer.EXCLUDED:
            return Excluded(NOTE)
        if answer == Answer.COUNTED:
            values = self.cleaned_data
            return Sampled(values[f"{clause.id}.sampled"], values[f"{clause.id}.failed"])
        if clause.kind is ClauseKind.SAMPLED:
            return EmptyPopulation(answer == Answer.EMPTY, NOTE)
        return Met(answer == Answer.MET)

    def sheet(self) -> Sheet | None:
        """The sheet once every indicator is answered; none before, and none that leaves everything out."""
        is_whole = len(self.marks) == len(self.scheme.clauses)
        if not is_whole or all(isinstance(mark, Excluded) for mark in self.marks.values()):
            return None
        specials = [Special(ground) for ground in self.cleaned_data["specials"]]
        bonus = Bonus() if self.cleaned_data.get("bonus") else None
        goods = Goods(self.cleaned_data["goods"])
        return build_sheet(self.scheme, "draft", self.marks, goods=goods, specials=specials, bonus=bonus)


class KeepForm(SentOnceForm):
    """For which of the reader's organisations a self-assessment is kept."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        empty_label=None,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
