from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audits.forms.fields import day, text
from audits.models import GradeWord, Recommendation
from audits.services.closing import newest_answer
from certbody import clock
from certbody.files.forms import CheckedFileField, uploads_by
from certbody.web.edits import EditedStepForm
from certbody.web.forms import Sentence, StepForm


class CloseSheetForm(StepForm):
    closing_meeting_on = day(_("Day of the closing meeting"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["closing_meeting_on"].initial = clock.today

    def clean_closing_meeting_on(self) -> Any:
        meeting = self.cleaned_data["closing_meeting_on"]
        if meeting > clock.today():
            raise forms.ValidationError(_("The closing meeting cannot lie ahead."))
        if self.obj.stage2_from and meeting < self.obj.stage2_from:
            raise forms.ValidationError(_("The closing meeting cannot lie before stage 2."))
        return meeting

    def consequence(self) -> Sentence:
        return _(
            "Nobody can change a mark afterwards. Each special deduction becomes a finding that the client answers."
        )


class FindingForm(StepForm):
    """A step about one of several findings."""

    def about(self) -> Sentence:
        return f"{self.obj.number} · {self.obj.text}"


class AnswerForm(FindingForm):
    cause = text(_("Cause: why it happened"))
    correction = text(_("Correction: what you put right"))
    corrective_action = text(_("Corrective action: what keeps it from happening again"))
    files = CheckedFileField(label=_("Evidence"), multiple=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        uploads_by(self, user=self.actor, organisation=self.obj.case.organisation)


class AnswerSeenForm(FindingForm):
    """A step about an answer of the client; `answer` is the one that the page shows."""

    answer = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown = newest_answer(self.obj)
        self.fields["answer"].initial = self.shown.pk if self.shown else None


class VerifyForm(AnswerSeenForm):
    note = text(_("How it was verified"))


class ReturnAnswerForm(AnswerSeenForm):
    reason = text(_("Reason"))


class WriteForm(EditedStepForm):
    edited = ("summary", "strengths", "improvements")

    summary = text(_("Summary"), rows=6)
    strengths = text(_("Strengths"), required=False)
    improvements = text(_("Opportunities for improvement"), required=False)


class VersionSeenForm(StepForm):
    """A step about a version of the report; `version` is the one that the page names."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.obj.version

    def consequence(self) -> Sentence:
        return _("This is about version %(version)s of the report.") % {"version": self.obj.version}


class ReturnReportForm(VersionSeenForm):
    reason = text(_("Reason"))


class ReleaseForm(VersionSeenForm):
    """Offers the computed grade and those below it; a failed evaluation can only be refused."""

    recommendation = forms.ChoiceField(label=_("Recommendation"), choices=Recommendation.choices)
    grade = forms.ChoiceField(label=_("Grade, if you recommend to grant"), required=False)
    text = text(_("Reasons of the recommendation"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [str(word) for word in GradeWord]
        reachable = words[words.index(self.obj.audit.grade) : -1]
        recommendation, grade = self.fields["recommendation"], self.fields["grade"]
        grade.choices = [("", "–"), *((word, GradeWord(word).label) for word in reachable)]
        if not reachable:
            recommendation.choices = [(Recommendation.REFUSE, Recommendation.REFUSE.label)]
            grade.widget = forms.HiddenInput()
        else:
            grade.initial = reachable[0]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("recommendation") == Recommendation.GRANT and not data.get("grade"):
            self.add_error("grade", _("Choose the grade that you recommend."))
        return data
