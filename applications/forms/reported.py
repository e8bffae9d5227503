"""What is asked when a client tells of a change, and when the body takes it up or declines it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import area
from applications.models import Application
from applications.queries.reported import open_report
from applications.states import ReportedFact
from certbody.web.forms import StepForm


class TellChangeForm(StepForm):
    changed = forms.MultipleChoiceField(
        label=_("What has changed"),
        choices=ReportedFact.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("You will be able to change exactly this in the application."),
    )
    description = forms.CharField(
        label=_("What is different now, since when and why"), max_length=500, widget=area()
    )

    def step_data(self) -> dict[str, Any]:
        data = dict(super().step_data())
        return {"about": data.pop("changed"), **data}

    def consequence(self) -> Any:
        return _("Nothing changes yet. We look at what you wrote and answer you by mail and on this page.")


class TakeUpChangeForm(StepForm):
    """Takes up what the client told of on its page; without that it asks what the client said, and who said it."""

    report = forms.IntegerField(widget=forms.HiddenInput, required=False)
    changed = forms.MultipleChoiceField(
        label=_("What has changed"), choices=ReportedFact.choices, widget=forms.CheckboxSelectMultiple
    )
    description = forms.CharField(
        label=_("What is different now, since when and why"), max_length=500, widget=area()
    )
    said_by = forms.CharField(
        label=_("Who of the client told you"),
        max_length=120,
        help_text=_("Name and office, and how: by telephone, by mail, on a visit."),
    )

    def __init__(self, *args: Any, obj: Application, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        self.waiting = open_report(obj)
        self.fields["report"].initial = self.waiting.pk if self.waiting else None
        if self.data.get("report") if self.is_bound else self.waiting:
            for name in ("changed", "description", "said_by"):
                del self.fields[name]

    def about(self) -> Any:
        return told_in(self.obj)

    def step_data(self) -> dict[str, Any]:
        data = dict(super().step_data())
        return {"about": data.pop("changed", ()), **data}

    def consequence(self) -> Any:
        return _("%(organisation)s is told by mail and may change what it told of.") % {
            "organisation": self.obj.case.organisation.name
        }


class DeclineChangeForm(StepForm):
    reason = forms.CharField(label=_("Reason, as the client will read it"), max_length=500, widget=area())

    def about(self) -> Any:
        return told_in(self.obj)


def told_in(application: Application) -> Any:
    """What the client told of, in a line."""
    report = open_report(application)
    if report is None:
        return _("The client has told of nothing on its page.")
    return f"{report.about_labels}: {report.description}"
