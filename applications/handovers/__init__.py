"""What this floor adds to the kernel: its tables of steps, forms, menu entries, panels, stages and jobs."""

from django.utils.translation import gettext_lazy as _

from applications import checks, jobs, lists, panels, queries, transitions
from applications.forms.contract import (
    AcceptanceForm,
    AmendForm,
    ApproveForm,
    OfferForm,
    ReasonForm,
    RefuseForm,
    ReviseForm,
    ScanForm,
    VoidForm,
)
from applications.forms.enquiry import CloseEnquiryForm, EditEnquiryForm, LinkForm, MailQuoteForm
from applications.forms.invoice import register_invoice_forms
from applications.forms.reported import DeclineChangeForm, TakeUpChangeForm, TellChangeForm
from applications.forms.review import AskForm, AssignForm, DeclineForm, WithdrawForm
from applications.handovers import closed_files, money
from applications.jobs import invitation_mail
from applications.models import Enquiry
from applications.panels import review as review_panels
from applications.panels import waiting as waiting_panels
from applications.panels.expiring import documents_expiring
from applications.queries import uploads
from applications.queries.marks import mark_of_file
from applications.services.serving import name_default_owner
from applications.states import ApplicationState, ContractState, EnquiryState
from applications.transitions import enquiry
from certbody import facts, workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.desk.services import register_subjects
from certbody.trail import verify
from certbody.web import lists as desk_lists
from certbody.web import navigation, steps
from certbody.web import panels as places
from certbody.web.forms import StepForm
from certbody.workflow import follow

READERS = (
    Role.REVIEWER, Role.CONTRACTS, Role.PLANNER, Role.TECHNICAL_REVIEWER, Role.HEAD, Role.FINANCE, Role.QUALITY,
    Role.INSPECTOR,
)  # fmt: skip


def may_read(user: User) -> bool:
    return user.has_role(*READERS)


def register() -> None:
    """Called once the models are loaded; repeating it changes nothing."""
    _register_forms()
    _register_menus()
    places.register("desk_case", panels.client_in_case, order=5)
    places.register("desk_case", panels.application_in_case, order=10)
    places.register("desk_case", panels.contracts_in_case, order=20)
    places.register("portal_case", panels.application_in_case, order=10)
    places.register("portal_case", panels.contracts_in_case, order=20)
    places.register("portal_home", panels.organisations_of_client, order=10)
    places.register("desk_home", panels.pipeline, order=20)
    places.register("desk_home", review_panels.my_reviews, order=15)
    places.register("desk_home", review_panels.return_reasons, order=60)
    places.register("desk_home", waiting_panels.contracts, order=22)
    places.register("desk_home", waiting_panels.money, order=24)
    facts.answer("stages", panels.stages)
    desk_lists.register(*lists.DEFINITIONS)
    register_subjects(Enquiry, queries.names_of_enquiries)
    workflow.follow("enquiry.logged", enquiry.keep_follow_up)
    workflow.follow("enquiry.edited", enquiry.keep_follow_up)
    workflow.follow("application.begun", enquiry.link_by_credit_code)
    places.register("portal_home", documents_expiring, order=15)
    uploads.register()
    closed_files.register()
    verify.register(checks.contracts)
    jobs.register()
    money.register()
    facts.answer("published_time", panels.published_time)
    facts.answer("client_notes", panels.client_notes)
    facts.answer("mark_of_file", mark_of_file)
    invitation_mail.register()
    follow("application.begun", name_default_owner)


def _register_forms() -> None:
    register_invoice_forms()
    for step, form in (
        (transitions.ASK, AskForm),
        (transitions.TAKE_OVER, StepForm),
        (transitions.ASSIGN, AssignForm),
        (transitions.DECLINE, DeclineForm),
        (transitions.WITHDRAW, WithdrawForm),
        (transitions.TELL_CHANGE, TellChangeForm),
        (transitions.TAKE_UP_CHANGE, TakeUpChangeForm),
        (transitions.DECLINE_CHANGE, DeclineChangeForm),
        (transitions.REVISE, ReviseForm),
        (transitions.APPROVE_ADJUSTMENT, ApproveForm),
        (transitions.REFUSE_ADJUSTMENT, RefuseForm),
        (transitions.AMEND, AmendForm),
        (transitions.OFFER, OfferForm),
        (transitions.EDIT, EditEnquiryForm),
        (transitions.MAIL_QUOTE, MailQuoteForm),
        (transitions.LINK, LinkForm),
        (transitions.CLOSE, CloseEnquiryForm),
        (transitions.ACCEPT_OFFER, AcceptanceForm),
        (transitions.ACCEPT_SCAN, AcceptanceForm),
        (transitions.UPLOAD_SCAN, ScanForm),
        (transitions.RETURN_SCAN, ReasonForm),
        (transitions.VOID, VoidForm),
    ):
        steps.register_form(step.event, form)


def _register_menus() -> None:
    navigation.register(
        "desk",
        navigation.Entry(
            label=_("Enquiries"),
            url_name="applications:enquiries",
            icon="inbox",
            allowed=lambda user: user.has_role(*queries.ENQUIRY_READERS),
            count=lambda user: queries.enquiries_visible_to(user).filter(state=EnquiryState.LOGGED).count(),
            order=15,
        ),
    )
    navigation.register(
        "desk",
        navigation.Entry(
            label=_("Applications"),
            url_name="applications:desk_list",
            icon="file-text",
            allowed=may_read,
            count=lambda user: queries.visible_to(user).filter(state=ApplicationState.SUBMITTED).count(),
            order=20,
        ),
    )
    navigation.register(
        "desk",
        navigation.Entry(
            label=_("Contracts"),
            url_name="applications:desk_contracts",
            icon="file-certificate",
            allowed=may_read,
            count=lambda user: queries.contracts_visible_to(user).filter(state=ContractState.DRAFT).count(),
            order=25,
        ),
    )
    navigation.register(
        "desk",
        navigation.Entry(
            label=_("Organisations"),
            url_name="applications:desk_organisations",
            icon="building",
            allowed=may_read,
            order=18,
        ),
    )
    navigation.register(
        "desk",
        navigation.Entry(
            label=_("Documents"),
            url_name="applications:desk_document_list",
            icon="files",
            allowed=may_read,
            order=22,
        ),
    )
    navigation.register(
        "public",
        navigation.Entry(label=_("Self-assessment"), url_name="self_assessment", icon="list-check", order=20),
    )
