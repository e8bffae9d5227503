from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import Person
from certbody.pdf.glyphs import validate_printable
from certbody.web import steps
from certbody.web.forms import DayField, SentOnceForm, StepForm
from certificates.queries.committee import candidates
from certificates.services.committee import least_seats
from certificates.states import (
    RESTORATION_GROUNDS,
    SUSPENSION_GROUNDS,
    WITHDRAWAL_GROUNDS,
    Choice,
    Grade,
    Outcome,
    StatusGround,
    grades_up_to,
)

Sentence = str | Promise


def _reason(label: Any, *, help_text: Any = "", most: int = 2000) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        min_length=2,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[validate_printable],
    )


class PeopleField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # no generic at run time
    widget = forms.CheckboxSelectMultiple
    chairs: frozenset[int] = frozenset()

    def _check_values(self, value: Any) -> Any:
        """SQLite cannot even be asked for a number that is too long for it."""
        known = {str(pk) for pk in self.queryset.values_list("pk", flat=True)}
        for chosen in value:
            if str(chosen) not in known:
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": chosen}
                )
        return super()._check_values(value)

    def label_from_instance(self, person: Any) -> str:
        if person.pk in self.chairs:
            return _("%(person)s (chair)") % {"person": person.name}
        return str(person.name)


class OpenPanelForm(StepForm):
    """The motion and who sits on the panel; a motion grants the computed grade or a lower one, or refuses."""

    motion = forms.ChoiceField(label=_("Motion"), widget=forms.RadioSelect)
    reasons = _reason(
        _("Reasons of the motion"),
        help_text=_("The members read them before they vote; a letter of refusal prints them."),
        most=4000,
    )
    members = PeopleField(label=_("Members"), queryset=Person.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = candidates(self.obj.case)
        free = [entry.person.pk for entry in self.candidates if entry.verdict]
        members = self.fields["members"]
        if isinstance(members, PeopleField):
            members.chairs = frozenset(entry.person.pk for entry in self.candidates if entry.is_chair)
            members.queryset = Person.objects.filter(pk__in=free).order_by("pk")
            members.help_text = _("At least %(count)s.") % {"count": least_seats()}
        computed = self.obj.report.audit.grade
        motion = self.fields["motion"]
        if isinstance(motion, forms.ChoiceField):
            motion.choices = list(_motions(grades_up_to(computed)))
        self.fields["motion"].initial = computed if computed in Grade.values else Outcome.REFUSE

    @property
    def barred(self) -> list[Sentence]:
        """Why each other member of the committee cannot sit on this panel."""
        return [entry.verdict.reason for entry in self.candidates if not entry.verdict]

    def step_data(self) -> dict[str, Any]:
        motion = self.cleaned_data["motion"]
        is_refusal = motion == Outcome.REFUSE
        return {
            "outcome": Outcome.REFUSE if is_refusal else Outcome.GRANT,
            "grade": "" if is_refusal else motion,
            "reasons": self.cleaned_data["reasons"],
            "members": list(self.cleaned_data["members"]),
        }


def _motions(grades: Iterable[Grade]) -> Iterable[tuple[str, Sentence]]:
    for grade in grades:
        yield grade, _("Grant: %(grade)s") % {"grade": grade.label}
    yield Outcome.REFUSE, _("Refuse the certificate")


class AddMemberForm(StepForm):
    member = forms.ModelChoiceField(
        label=_("Member"), queryset=Person.objects.none(), empty_label=_("please choose")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seated = set(self.obj.seats.values_list("person", flat=True))
        free = [entry.person.pk for entry in candidates(self.obj.case) if entry.verdict]
        member = self.fields["member"]
        if isinstance(member, forms.ModelChoiceField):
            member.queryset = Person.objects.filter(pk__in=set(free) - seated).order_by("pk")


class VoteForm(StepForm):
    choice = forms.ChoiceField(label=_("Vote"), choices=Choice, widget=forms.RadioSelect)
    reason = _reason(_("Reason"), help_text=_("The others read it after the vote is closed."))

    def consequence(self) -> Sentence:
        return _("Your vote is final. Nobody sees it before the vote is closed.")


class RecuseForm(StepForm):
    reason = forms.CharField(
        label=_("Reason"), min_length=2, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class SignForm(StepForm):
    def consequence(self) -> Sentence:
        facts = {"client": self.obj.case.organisation.name, "grade": self.obj.get_grade_display()}
        if self.obj.outcome == Outcome.REFUSE:
            return (
                _("%(client)s will receive a letter of refusal with the reasons and the right of appeal.")
                % facts
            )
        return _("%(client)s will receive a certificate: %(grade)s.") % facts


class ReturnForm(StepForm):
    reason = _reason(_("Reason"), help_text=_("The secretary and the committee read it."))


class StatusForm(StepForm):
    """Ground, which the public reads, and reason, which the holder reads."""

    grounds: tuple[StatusGround, ...] = ()
    told: Sentence = ""
    ground = forms.ChoiceField(label=_("Ground"), help_text=_("The public register shows it."))
    reason = _reason(
        _("Reason"), help_text=_("Kept in the record and shown to the holder, never to the public.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ground = self.fields["ground"]
        if isinstance(ground, forms.ChoiceField):
            ground.choices = [("", "—"), *((entry.value, entry.label) for entry in self.grounds)]

    def consequence(self) -> Sentence:
        return self.told % {"number": self.obj.number, "client": self.obj.organisation.name}


class SuspendForm(StatusForm):
    grounds = SUSPENSION_GROUNDS
    told = _("From today everybody who checks %(number)s reads “suspended”. %(client)s is told by e-mail.")


class RestoreForm(StatusForm):
    grounds = RESTORATION_GROUNDS
    told = _("From today everybody who checks %(number)s reads “valid” again. %(client)s is told by e-mail.")


class WithdrawForm(StatusForm):
    grounds = WITHDRAWAL_GROUNDS
    told = _(
        "From today and for good everybody who checks %(number)s reads “withdrawn”. %(client)s is told by e-mail."
    )


class ProofForm(SentOnceForm):
    """Of which day a letter speaks, and for which tender."""

    as_of = DayField(
        label=_("As of the day"),
        initial=clock.today,
        help_text=_("Today, or an earlier day on which the certificate was valid."),
    )
    tender = forms.CharField(
        label=_("For which tender"),
        max_length=160,
        required=False,
        help_text=_("Name or number of the tender, as the letter is to print it; may stay empty."),
        validators=[validate_printable],
    )


def register() -> None:
    steps.register_form("panel.member_added", AddMemberForm)
    steps.register_form("panel.voted", VoteForm)
    steps.register_form("panel.recused", RecuseForm)
    steps.register_form("decision.signed", SignForm)
    steps.register_form("decision.returned", ReturnForm)
    steps.register_form("certificate.suspended", SuspendForm)
    steps.register_form("certificate.restored", RestoreForm)
    steps.register_form("certificate.withdrawn", WithdrawForm)
