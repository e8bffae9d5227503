"""Proof of certification for bidders: what is true of a certificate on a day, as a letter."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import User
from certbody.body.settings_catalogue import LETTERHEAD, setting, settings_of
from certbody.files.models import StoredFile
from certbody.outbox.services import promise_job
from certbody.workflow import Facts, Missing
from certificates.models import ProofLetter
from certificates.queries.register import Entry, entry_of, public_certificates

PROOF_JOB = "certificate.proof_letter"
PRINTED = (
    "client_name_zh", "client_name_en", "client_address_zh", "client_address_en", "credit_code", "scope_zh",
    "scope_en", "standard_code", "standard_title_zh", "standard_title_en", "grade_title_zh", "grade_title_en",
    "issued_on", "valid_from", "expires_on",
)  # fmt: skip


def entry_on(letter: ProofLetter, day: date) -> Entry | None:
    """What the register says of the certificate on a day; None for a number that it does not show."""
    found = public_certificates().filter(pk=letter.certificate_id).first()
    return entry_of(found, day) if found else None


def was_valid_that_day(letter: ProofLetter, _actor: User | None) -> Iterator[Missing]:
    """Nothing is proved of a day that is still to come, nor of one on which the certificate was not valid.

    Before the day is known, when only the button is shown, today stands for it.
    """
    day: date = letter.as_of or clock.today()
    entry = entry_on(letter, day)
    if day > clock.today():
        yield Missing(_("The day lies ahead: what will be true then nobody can prove today."))
    elif entry is None or not entry.standing.is_valid:
        yield Missing(
            _("The certificate was not valid on %(day)s, so there is nothing to prove.")
            % {"day": day.isoformat()}
        )


def not_too_often(letter: ProofLetter, actor: User | None) -> Iterator[Missing]:
    """A client asks for so many letters a day: each is drawn, signed and kept for ever. The body is not counted."""
    if actor is None or actor.is_staff_member:
        return
    of_today = ProofLetter.objects.filter(
        certificate__organisation=letter.certificate.organisation_id,
        asked_at__gt=clock.now() - timedelta(days=1),
    )
    most = setting("proof_letters_a_day")
    if of_today.count() >= most:
        yield Missing(
            _(
                "Your organisation has asked for %(most)s letters within a day. Please ask again tomorrow, or call us."
            )
            % {"most": most}
        )


def may_be_asked(letter: ProofLetter, actor: User | None) -> Iterator[Missing]:
    yield from was_valid_that_day(letter, actor)
    yield from not_too_often(letter, actor)


def ask(letter: ProofLetter, *, actor: User | None) -> Facts:
    """Keep what the letter will print, and promise the letter."""
    entry = entry_on(letter, letter.as_of)
    if entry is None or actor is None:
        raise LookupError("nobody asked, or the register does not show the certificate")
    letter.asked_by, letter.asked_at = actor.person, clock.now()
    letter.ordinal = ProofLetter.objects.filter(certificate=letter.certificate_id).count() + 1
    page = reverse("register_certificate", args=[entry.number])
    letter.printed = {
        **{name: entry.facts[name] for name in PRINTED},
        **settings_of([*LETTERHEAD, "approval_number"]),
        "number": entry.number,
        "check_url": f"{settings.CERTBODY_URL}{page}?on={letter.as_of.isoformat()}",
    }
    letter.save(force_insert=True)
    promise_job(kind=PROOF_JOB, obj=letter, case=letter.case)
    return {"number": entry.number, "ordinal": letter.ordinal, "as_of": letter.as_of}


def file(letter: ProofLetter, *, actor: User | None, file: StoredFile) -> Facts:
    letter.file = file
    letter.save(update_fields=["file"])
    return {"number": letter.certificate.number, "ordinal": letter.ordinal, "sha256": file.sha256}
