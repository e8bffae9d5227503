from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import area
from applications.models import Contract
from applications.queries.arithmetic import figures
from applications.services.quotes import mark_of_adjustment
from applications.states import AdjustmentCode, Wish
from certbody import clock
from certbody.body.settings_catalogue import setting
from certbody.files.forms import CheckedFileField, uploads_by
from certbody.web.edits import EditedStepForm
from certbody.web.forms import DayField, StepForm

HALF_DAY = Decimal("0.5")


class ReviseForm(EditedStepForm):
    adjustment = forms.DecimalField(
        label=_("Person-days to add, or with a minus to take off"),
        max_digits=5,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.5"}),
        help_text=_("In half days; 0 takes an earlier adjustment back."),
    )
    code = forms.ChoiceField(label=_("Ground"), choices=[("", "—"), *AdjustmentCode.choices], required=False)
    reason = forms.CharField(
        label=_("Reason, as it is printed with the arithmetic"),
        max_length=300,
        required=False,
        widget=area(2),
    )

    def stored_values(self, obj: Contract) -> Mapping[str, Any]:
        return {
            "adjustment": obj.adjustment,
            "code": obj.adjustment_code,
            "reason": obj.adjustment_reason,
        }

    def consequence(self) -> Any:
        percent = setting("adjustment_most_percent")
        return _(
            "The table gives %(days)s person-days. More than %(percent)s %% of them, either way, needs the head or "
            "the quality manager; training and consulting are never a ground."
        ) % {"days": figures(self.obj.table_days), "percent": percent}

    def clean_adjustment(self) -> Decimal:
        days: Decimal = self.cleaned_data["adjustment"]
        if days % HALF_DAY:
            raise forms.ValidationError(_("Please give half days, such as 1 or −0.5."))
        return days

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("adjustment"):
            if not data.get("code"):
                self.add_error("code", _("An adjustment needs its ground."))
            if not data.get("reason"):
                self.add_error("reason", _("An adjustment needs its reason."))
        return data


class SeenAdjustmentForm(StepForm):
    """Names the adjustment that the second person reads: another one is not answered by that press."""

    adjusted = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, obj: Contract, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        self.fields["adjusted"].initial = mark_of_adjustment(obj)

    def step_data(self) -> dict[str, Any]:
        data = dict(super().step_data())
        return {"seen": data.pop("adjusted"), **data}


class ApproveForm(SeenAdjustmentForm):
    def consequence(self) -> Any:
        contract: Contract = self.obj
        return _(
            "Contract %(number)s is offered with %(days)s instead of %(table)s person-days, CNY %(worth)s in all. "
            "Ground: %(ground)s. %(reason)s"
        ) % {
            "number": contract.number,
            "days": figures(contract.person_days),
            "table": figures(contract.table_days),
            "worth": f"{contract.total:,.2f}",
            "ground": contract.get_adjustment_code_display(),
            "reason": contract.adjustment_reason,
        }


class RefuseForm(SeenAdjustmentForm):
    reason = forms.CharField(
        label=_("Reason, as the contract officer will read it"), max_length=300, widget=area()
    )


class AmendForm(StepForm):
    wish = forms.ChoiceField(
        label=_("At whose wish"),
        choices=[(wish.value, wish.label) for wish in (Wish.CLIENT, Wish.BODY)],
    )
    reason = forms.CharField(
        label=_("Reason, as it is printed in the amendment"), max_length=300, widget=area()
    )


class OfferForm(StepForm):
    def consequence(self) -> Any:
        return _("%(organisation)s is asked to accept contract %(number)s of CNY %(total)s.") % {
            "organisation": self.obj.case.organisation.name,
            "number": self.obj.number,
            "total": f"{self.obj.total:,.2f}",
        }


class AcceptanceForm(StepForm):
    """Accepting names the document by its hash: for the client the offer's PDF, for the officer the signed scan."""

    sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    agreed = forms.BooleanField(label=_("I have read the document and accept it."))

    def __init__(self, *args: Any, obj: Contract, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        self.is_scan = self.actor.is_staff_member
        scan = obj.signed_scan
        seen = (scan.sha256 if scan else "") if self.is_scan else obj.pdf_sha256
        self.fields["sha256"].initial = seen
        if self.is_scan:
            self.fields["agreed"].label = _(
                "The scan is the contract that was offered, signed and sealed by the client."
            )
        else:
            self.fields["agreed"].label = _(
                "I have read contract %(number)s and accept it for %(organisation)s."
            ) % {
                "number": obj.number,
                "organisation": obj.case.organisation.name,
            }

    def step_data(self) -> dict[str, Any]:
        return {"sha256": self.cleaned_data["sha256"]}

    def consequence(self) -> Any:
        values = {"number": self.obj.number, "total": f"{self.obj.total:,.2f}"}
        if self.is_scan:
            return (
                _("Contract %(number)s of CNY %(total)s counts as accepted and the audit can be planned.")
                % values
            )
        return (
            _(
                "Contract %(number)s of CNY %(total)s becomes binding; your name, the time and the hash of the "
                "document are recorded."
            )
            % values
        )


class ScanForm(StepForm):
    signatory = forms.CharField(label=_("Who signed for your organisation"), max_length=80)
    signed_on = DayField(label=_("Day of the signature"))
    upload = CheckedFileField(label=_("Scan of the signed contract"), types=("pdf", "jpg", "png"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        uploads_by(self, user=self.actor, organisation=self.obj.case.organisation)

    def clean_signed_on(self) -> date:
        day: date = self.cleaned_data["signed_on"]
        if day > clock.today():
            raise forms.ValidationError(_("This day has not come yet."))
        if self.obj.offered_at and day < self.obj.offered_at.astimezone(clock.BODY_ZONE).date():
            raise forms.ValidationError(_("The contract had not been offered on this day."))
        return day


class ReasonForm(StepForm):
    """A step that needs the reason the client will read."""

    reason = forms.CharField(label=_("Reason, as the client will read it"), max_length=300, widget=area())


class VoidForm(ReasonForm):
    """The client is told only about a quote that was offered; of a draft nobody outside knows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.obj.offered_at is None:
            field = self.fields["reason"]
            field.label = _("Reason")
            field.help_text = _("For the record: the client has not seen this quote and is told nothing.")
