"""Who acts for an organisation: its members see it, its owners change it."""

import uuid
from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications.forms.members import InvitationForm, RoleForm
from applications.queries import members as queries
from applications.services import members
from certbody import clock, workflow
from certbody.accounts.models import Invitation, MembershipRole, Organisation, User
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import client_page, user_of, visible_or_404


def _organisation(user: User, pk: int) -> Organisation:
    return visible_or_404(user.organisations, pk=pk)


def _owned(user: User, pk: int) -> Organisation:
    """The organisation of an owner; a member who is none is refused, a stranger learns nothing."""
    organisation = _organisation(user, pk)
    if not queries.is_owner(user, organisation):
        raise PermissionDenied
    return organisation


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def member_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The people of an organisation; for owners also the invitations, the requests and the form that invites."""
    user = user_of(request)
    if request.method != "POST":
        return _show(request, _organisation(user, pk), InvitationForm())
    organisation = _owned(user, pk)
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _show(request, organisation, form, status=422)
    try:
        location = submission.once(
            lambda: members.invite(organisation=organisation, actor=user, **form.values()),
            location=_page(organisation),
        )
    except ValidationError as fault:
        form.add_error(None, fault)
        return _show(request, organisation, form, status=422)
    except workflow.Refused as refusal:
        return _show(request, organisation, form, refusal=refusal, status=status_of(refusal))
    messages.success(request, _("The invitation is on its way."))
    return redirect(location)


def _page(organisation: Organisation) -> str:
    return reverse("applications:members", args=[organisation.pk])


@client_page
@require_POST
def change_role(request: HttpRequest, pk: int, membership: int) -> HttpResponse:
    user = user_of(request)
    organisation = _owned(user, pk)
    found = visible_or_404(organisation.memberships.all(), pk=membership)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _show(request, organisation, InvitationForm(), status=422)
    return _take(
        request,
        organisation,
        lambda: members.change_role(membership=found, role=form.cleaned_data["role"], actor=user),
        _("Saved."),
    )


@client_page
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int, membership: int) -> HttpResponse:
    """An owner ends somebody's membership, or a member leaves; asked once more, for it works at once."""
    user = user_of(request)
    organisation = _organisation(user, pk)
    found = visible_or_404(organisation.memberships.select_related("person"), pk=membership)
    is_own = found.person_id == user.person_id
    if not is_own and not queries.is_owner(user, organisation):
        raise PermissionDenied
    if request.method != "POST" and found.ended_at is None:
        context = {
            "organisation": organisation,
            "membership": found,
            "is_own": is_own,
            "back": _page(organisation),
        }
        return render(request, "applications/portal/member_end.html", context)
    location = "/portal/" if is_own else _page(organisation)
    done = _("You no longer act for this organisation.") if is_own else _("The membership has ended.")
    return _take(
        request,
        organisation,
        lambda: members.end_membership(membership=found, actor=user),
        done,
        location=location,
    )


@client_page
@require_POST
def send_again(request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
    user = user_of(request)
    organisation = _owned(user, pk)
    found = _invitation(organisation, invitation)
    return _take(
        request,
        organisation,
        lambda: members.send_again(invitation=found, actor=user),
        _("The invitation is on its way again; the link of the earlier mail no longer works."),
    )


@client_page
@require_POST
def revoke(request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
    user = user_of(request)
    organisation = _owned(user, pk)
    found = _invitation(organisation, invitation)
    return _take(
        request,
        organisation,
        lambda: members.revoke(invitation=found, actor=user),
        _("The invitation is taken back; its link lets nobody in any more."),
    )


def _invitation(organisation: Organisation, pk: int) -> Invitation:
    return visible_or_404(organisation.invitations.select_related("organisation"), pk=pk)


def _take(
    request: HttpRequest,
    organisation: Organisation,
    act: Callable[[], None],
    done: str,
    *,
    location: str = "",
) -> HttpResponse:
    """Act and go back to the page; a refusal is a sentence on it."""
    submission, back = Submission(request), location or _page(organisation)
    if answer := submission.answer():
        return redirect(answer)
    try:
        back = submission.once(act, location=back)
    except (ValidationError, workflow.Refused) as fault:
        refusal = _as_refusal(fault)
        return _show(request, organisation, InvitationForm(), refusal=refusal, status=HTTPStatus.CONFLICT)
    messages.success(request, done)
    return redirect(back)


def _as_refusal(fault: ValidationError | workflow.Refused) -> workflow.Refused:
    if isinstance(fault, ValidationError):
        return workflow.WrongState(" ".join(fault.messages))
    return fault


def _show(
    request: HttpRequest,
    organisation: Organisation,
    form: InvitationForm,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    user = user_of(request)
    may_change = queries.is_owner(user, organisation)
    rows = list(queries.members_of(organisation))
    owners = sum(row.role == MembershipRole.OWNER for row in rows)
    context = {
        "organisation": organisation,
        "rows": [
            {
                "membership": row,
                "is_own": row.person_id == user.person_id,
                "is_last_owner": row.role == MembershipRole.OWNER and owners == 1,
            }
            for row in rows
        ],
        "invitations": [(row, uuid.uuid4()) for row in queries.waiting_invitations_of(organisation)]
        if may_change
        else [],
        "requests": list(queries.open_requests_of(organisation)) if may_change else [],
        "roles": MembershipRole.choices,
        "may_change": may_change,
        "form": form if may_change else None,
        "refusal": refusal,
        "today": clock.today(),
    }
    return render(request, "applications/portal/members.html", context, status=status)
