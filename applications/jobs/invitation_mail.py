"""The mail of an invitation; its link is made when the mail leaves, so that its secret is stored nowhere."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from applications.services.members import MAIL_JOB, token_of
from certbody.accounts.models import Invitation, User
from certbody.body.settings_catalogue import setting
from certbody.outbox.models import Job
from certbody.outbox.services import handles
from certbody.trail.models import Event


def send(job: Job) -> None:
    """Write to the invited address, unless the invitation is no longer open; a repeated run repeats the same link."""
    event = Event.objects.select_related("actor_user").get(pk=job.object_id)
    invitation = Invitation.objects.select_related("organisation").get(pk=event.object_id)
    if not invitation.is_open:
        return
    with override(_language(invitation, event.actor_user)):
        facts = {
            "invitation": invitation,
            "link": settings.CERTBODY_URL
            + reverse("applications:invitation_link", args=[token_of(invitation)]),
            "address": settings.CERTBODY_URL,
            "body_name": setting("body_name"),
        }
        text = render_to_string("applications/portal/invitation_mail.txt", facts)
    subject, _separator, body = text.strip().partition("\n")
    EmailMessage(subject=" ".join(subject.split()), body=body.strip() + "\n", to=[invitation.email]).send()


def _language(invitation: Invitation, inviter: User | None) -> str:
    """That of the invited account, of the inviting one where there is none yet."""
    known = User.objects.filter(email__iexact=invitation.email).first()
    account = known or inviter
    return account.language if account else settings.LANGUAGE_CODE


def register() -> None:
    handles(MAIL_JOB, send)
