"""The mail with which the owner of an account sets a password; its link is made when the mail leaves."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import override

from certbody.accounts.models import User
from certbody.accounts.services import set_up_link
from certbody.body.settings_catalogue import setting
from certbody.outbox.models import Job
from certbody.outbox.services import handles, promise_job, wake_after_commit
from certbody.trail.models import Event

KIND = "account.set_up_mail"


def promise(event: Event) -> None:
    """Promise the mail that an event about an account asks for; the token that it holds is stored nowhere."""
    promise_job(kind=KIND, obj=event, case=None)
    wake_after_commit()


def send(job: Job) -> None:
    event = Event.objects.get(pk=job.object_id)
    user = User.objects.get(pk=event.object_id)
    if not user.is_active:
        return
    with override(user.language):
        facts = {
            "link": set_up_link(user),
            "address": settings.CERTBODY_URL,
            "body_name": setting("body_name_en" if user.language == "en" else "body_name"),
        }
        subject, _separator, text = (
            render_to_string("accounts/mail/set_up.txt", facts).strip().partition("\n")
        )
    EmailMessage(subject=" ".join(subject.split()), body=text.strip() + "\n", to=[user.email]).send()


def register() -> None:
    handles(KIND, send)
