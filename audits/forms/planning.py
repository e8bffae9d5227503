from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits import queries
from audits.forms.fields import day, text
from audits.models import AuditMode, Stage1Mode, TeamMember, TeamRole
from audits.services import planning
from certbody import clock
from certbody.accounts.models import Person
from certbody.web.edits import EditedStepForm
from certbody.web.forms import Sentence, StepForm


class PlanForm(EditedStepForm):
    edited = ("stage1_mode", "stage1_on", "mode", "stage2_from", "stage2_to", "plan_note")

    stage1_mode = forms.ChoiceField(label=_("Stage 1"), choices=Stage1Mode.choices)
    stage1_on = day(_("Day of stage 1"))
    mode = forms.ChoiceField(label=_("Stage 2"), choices=AuditMode.choices)
    stage2_from = day(_("First day of stage 2"))
    stage2_to = day(_("Last day of stage 2"))
    plan_note = text(_("Places, order of the visits, remarks (the client reads this)"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        stage1, first, last = data.get("stage1_on"), data.get("stage2_from"), data.get("stage2_to")
        if first and last and last < first:
            self.add_error("stage2_to", _("The last day cannot lie before the first."))
        if stage1 and first and stage1 > first:
            self.add_error("stage2_from", _("Stage 2 cannot begin before stage 1."))
        for name in ("stage1_on", "stage2_from", "stage2_to"):
            # a stage that is over keeps its day while the other one is planned anew
            if data.get(name) and data[name] < clock.today() and data[name] != getattr(self.obj, name):
                self.add_error(name, _("This day is over: please choose today or a later one."))
        return data

    def consequence(self) -> Sentence:
        if self.obj.confirmed_version is None:
            return ""
        return _("The client must confirm the changed plan, and it must be reported to the regulator again.")


class AppointForm(StepForm):
    role = forms.ChoiceField(label=_("Role in the team"), choices=TeamRole.choices)
    person = forms.ModelChoiceField(
        label=_("Person"), queryset=Person.objects.none(), empty_label=_("please choose")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = {one.person.pk: one for one in queries.candidates()}
        choice = self.fields["person"]
        choice.queryset = Person.objects.filter(pk__in=people).order_by("name", "id")
        self.fields["person"].label_from_instance = lambda person: str(people[person.pk])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("person") and data.get("role"):
            for sentence in planning.obstacles(self.obj, data["person"], data["role"]):
                self.add_error("person", str(sentence))
        return data


class DismissForm(StepForm):
    member = forms.ModelChoiceField(
        label=_("Team member"), queryset=TeamMember.objects.none(), empty_label=_("please choose")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["member"]
        choice.queryset = queries.team_of(self.obj)
        choice.label_from_instance = lambda member: f"{member.person.name} · {member.get_role_display()}"


class PlanAnswerForm(StepForm):
    """The client answers to a plan; `version` is the plan that the page shows."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.obj.plan_version

    def team(self) -> list[TeamMember]:
        """Whom the client answers about."""
        return list(queries.team_of(self.obj))


class ObjectForm(PlanAnswerForm):
    reason = text(_("Reason"))


class ReasonForm(StepForm):
    """A step that asks only why."""

    reason = text(_("Reason"))


class KeepPlanForm(StepForm):
    """Names the person-days that the plan is kept for."""

    def about(self) -> Sentence:
        changed = queries.changed_days(self.obj)
        if changed is None:
            return ""
        return _("Contract %(number)s changed the person-days from %(old)s to %(new)s.") % {
            "number": changed.contract.number,
            "old": changed.old,
            "new": changed.new,
        }


class ReportPlanForm(StepForm):
    reported_on = day(_("Reported on"))
    reference = forms.CharField(label=_("Reference of the report"), max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reported_on"].initial = clock.today

    def clean_reported_on(self) -> Any:
        reported_on = self.cleaned_data["reported_on"]
        if reported_on > clock.today():
            raise forms.ValidationError(gettext("This day lies ahead: record the report once it is sent."))
        return reported_on
