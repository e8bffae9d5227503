"""What a certificate will print, gathered once and stored before anything is drawn."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings as django_settings
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from certbody import clock
from certbody.body.numbers import PLACEHOLDER, number_from
from certbody.body.queries import scheme_of
from certbody.body.settings_catalogue import settings_of
from certbody.cases.services import next_number
from certbody.pdf.certificate import CertificateManifest, CertificateSite
from certbody.scheme.model import GradeKey, Words
from certbody.trail.chain import canonical
from certbody.workflow import NotReady
from certificates.models import Certificate


def take_number(*, cycle: int) -> str:
    """The next certificate number of this year; a rollback gives it back, so that the row has no gap."""
    year = clock.today().year
    values = settings_of(["number_template", "cb_code"])
    sequence = next_number(f"certificate {year}")
    facts: dict[str, str | int] = {
        "cb_code": values["cb_code"],
        "yy": f"{year % 100:02}",
        "yyyy": year,
        "seq": sequence,
        "cycle": cycle,
    }
    return number_from(values["number_template"], facts)


CERTIFICATE_DATES = ("first_issued_on", "issued_on", "valid_from", "expires_on")
BODY_KEYS = (
    "body_name",
    "body_name_en",
    "body_address",
    "body_address_en",
    "approval_number",
    "rule_number",
    "rule_version",
    "national_query_address",
    "signatory_title",
    "signatory_title_en",
    "delegate_title",
    "delegate_title_en",
    "surveillance_note",
    "surveillance_note_en",
    "mark_sentence",
    "mark_sentence_en",
)


def build(certificate: Certificate, *, edition: int, next_surveillance_due: date) -> dict[str, Any]:
    """Every printed fact of an edition in both languages; the names are those of today."""
    body = settings_of(BODY_KEYS)
    return CertificateManifest(
        number=certificate.number,
        edition=edition,
        check_url=f"{django_settings.CERTBODY_URL}/c/{certificate.number}",
        next_surveillance_due=next_surveillance_due.isoformat(),
        **_facts_of_body(body),
        **_facts_of_client(certificate),
        **_facts_of_grade(certificate, body),
        **_facts_of_decision(certificate, body),
        **{name: getattr(certificate, name).isoformat() for name in CERTIFICATE_DATES},
    ).as_dict()


def _facts_of_body(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "body_name_zh": body["body_name"],
        "body_name_en": body["body_name_en"],
        "body_address_zh": body["body_address"],
        "body_address_en": body["body_address_en"],
        "approval_number": body["approval_number"],
        "rule_number": body["rule_number"],
        "rule_version": body["rule_version"],
        "surveillance_note_zh": body["surveillance_note"],
        "surveillance_note_en": body["surveillance_note_en"],
        "national_check_url": body["national_query_address"],
    }


def _facts_of_client(certificate: Certificate) -> dict[str, Any]:
    organisation = certificate.case.organisation
    application = Application.objects.get(case=certificate.case)
    sites = tuple(
        CertificateSite(
            name_zh=site.name,
            address_zh=site.address,
            activity_zh=site.activity,
            name_en=site.name_en,
            address_en=site.address_en,
            activity_en=site.activity_en,
        )
        for site in application.sites.all()
    )
    return {
        "client_name_zh": organisation.name,
        "client_name_en": organisation.name_en,
        "client_address_zh": organisation.registered_address,
        "client_address_en": organisation.registered_address_en,
        "credit_code": organisation.credit_code,
        "scope_zh": application.scope,
        "scope_en": application.scope_en,
        "sites": sites,
    }


def _facts_of_grade(certificate: Certificate, body: Mapping[str, Any]) -> dict[str, Any]:
    scheme = scheme_of(certificate.case)
    grade = scheme.grade(GradeKey(certificate.grade))
    sentence = _filled(body, scheme.standard.code, certificate.number)
    return {
        "standard_code": scheme.standard.code,
        "standard_title_zh": scheme.standard.title.zh,
        "standard_title_en": scheme.standard.title.en,
        "grade": certificate.grade,
        "stars": grade.stars,
        "grade_title_zh": grade.name.zh,
        "grade_title_en": grade.name.en,
        "mark_sentence_zh": sentence.zh,
        "mark_sentence_en": sentence.en,
    }


def _facts_of_decision(certificate: Certificate, body: Mapping[str, Any]) -> dict[str, Any]:
    decision = certificate.decision
    signatory = decision.signed_by
    if signatory is None or decision.signed_at is None:
        raise NotReady(_("The decision is not signed."))
    title = "delegate_title" if decision.authorisation_id else "signatory_title"
    return {
        "decided_on": decision.signed_at.astimezone(clock.BODY_ZONE).date().isoformat(),
        "signatory_name_zh": signatory.name,
        "signatory_name_en": signatory.name_en or signatory.name,
        "signatory_title_zh": body[title],
        "signatory_title_en": body[f"{title}_en"],
    }


def _filled(body: Mapping[str, Any], standard: str, number: str) -> Words:
    facts: dict[str, str | int] = {"standard": standard, "number": number}

    def fill(match: re.Match[str]) -> str:
        return str(facts.get(match["name"], match[0]))

    return Words(
        zh=PLACEHOLDER.sub(fill, body["mark_sentence"]), en=PLACEHOLDER.sub(fill, body["mark_sentence_en"])
    )


def fingerprint(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a manifest."""
    return hashlib.sha256(canonical(dict(manifest)).encode()).hexdigest()
