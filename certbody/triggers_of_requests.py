"""What the database holds of applications, their documents, enquiries and who acts for a client."""

from collections.abc import Mapping

from certbody.trigger_kinds import (
    Guard,
    Trigger,
    before,
    differs,
    differs_once_set,
    moves_by_its_steps,
    never_deleted,
)

WRITTEN = ("INSERT", "UPDATE")

# Which states follow a state; a test holds them to the tables of steps, which stand on the floor above.
MOVES_OF_APPLICATION: Mapping[str, tuple[str, ...]] = {
    "draft": ("submitted", "withdrawn"),
    "submitted": ("accepted", "questions", "declined", "withdrawn"),
    "questions": ("submitted", "declined", "withdrawn"),
    "accepted": ("submitted", "questions"),
}
MOVES_OF_ENQUIRY: Mapping[str, tuple[str, ...]] = {
    "logged": ("quoted", "applied", "closed"),
    "quoted": ("applied", "closed"),
}
MOVES_OF_JOIN_REQUEST: Mapping[str, tuple[str, ...]] = {"open": ("accepted", "declined")}

_ANOTHER_OWNER = (
    "EXISTS (SELECT 1 FROM accounts_membership m WHERE m.organisation_id = OLD.organisation_id "
    "AND m.id <> OLD.id AND m.role = 'owner' AND m.ended_at IS NULL)"
)

REQUESTS: tuple[Trigger, ...] = (
    Guard(
        "case_keeps_its_organisation",
        "cases_case",
        "UPDATE",
        differs("organisation_id", "reference", "scheme"),
        "number, organisation and scheme of a case never change",
    ),
    never_deleted("application", "applications_application", "an application"),
    moves_by_its_steps("application", "applications_application", MOVES_OF_APPLICATION, "an application"),
    Guard(
        "application_keeps_its_submissions",
        "applications_application",
        "UPDATE",
        "NEW.case_id <> OLD.case_id OR NEW.revision < OLD.revision "
        "OR (OLD.submitted_at IS NOT NULL AND (NEW.submitted_at IS NULL OR NEW.submitted_at < OLD.submitted_at))",
        "what was submitted once stays submitted",
    ),
    Guard(
        "site_stays_with_its_application",
        "applications_site",
        "UPDATE",
        differs("application_id"),
        "a site stays with its application",
    ),
    never_deleted("document_of_an_application", "applications_applicationdocument", "a document"),
    Guard(
        "document_keeps_its_file",
        "applications_applicationdocument",
        "UPDATE",
        f"{differs('application_id', 'kind', 'file_id', 'uploaded_at')} "
        f"OR {differs_once_set('replaced_by_id', 'removed_at')}",
        "a version of a document never changes: a newer one takes its place",
    ),
    *before(
        "document_of_a_foreign_site",
        "applications_applicationdocument",
        WRITTEN,
        "NEW.site_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM applications_site s "
        "WHERE s.id = NEW.site_id AND s.application_id = NEW.application_id)",
        "the site belongs to another application",
    ),
    Guard(
        "document_of_another_kind_takes_its_place",
        "applications_applicationdocument",
        "UPDATE",
        "NEW.replaced_by_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM applications_applicationdocument d "
        "WHERE d.id = NEW.replaced_by_id AND d.application_id = NEW.application_id AND d.kind = NEW.kind)",
        "the newer version is of another application or of another kind",
    ),
    never_deleted("finding_on_a_document", "applications_documentfinding", "a finding on a document"),
    never_deleted("question_to_the_client", "applications_question", "a question to the client"),
    never_deleted("declination", "applications_declination", "a declination"),
    moves_by_its_steps("enquiry", "applications_enquiry", MOVES_OF_ENQUIRY, "an enquiry"),
    Guard(
        "enquiry_keeps_its_application",
        "applications_enquiry",
        "UPDATE",
        differs_once_set("application_id"),
        "an enquiry becomes one application",
    ),
    *before(
        "enquiry_of_another_organisation",
        "applications_enquiry",
        WRITTEN,
        "NEW.application_id IS NOT NULL AND NEW.credit_code <> '' AND NOT EXISTS (SELECT 1 "
        "FROM applications_application a JOIN cases_case c ON c.id = a.case_id "
        "JOIN accounts_organisation o ON o.id = c.organisation_id "
        "WHERE a.id = NEW.application_id AND o.credit_code = NEW.credit_code)",
        "the application is of an organisation with another credit code",
    ),
    never_deleted("indicative_quote", "applications_indicativequote", "an indicative quote"),
    Guard(
        "indicative_quote_keeps_its_figures",
        "applications_indicativequote",
        "UPDATE",
        f"{differs('enquiry_id', 'position', 'kind', 'request', 'tariff', 'tariff_on', 'person_days', 'total')} "
        f"OR {differs('valid_until', 'made_by_id', 'made_at')} "
        "OR (OLD.mailed_at IS NOT NULL AND NEW.mailed_at IS NULL)",
        "an indicative quote never changes: another one is made",
    ),
    *before(
        "line_of_an_indicative_quote",
        "applications_indicativequoteline",
        ("UPDATE", "DELETE"),
        "1 = 1",
        "the lines of an indicative quote never change",
    ),
    Guard(
        "line_of_a_mailed_quote",
        "applications_indicativequoteline",
        "INSERT",
        "EXISTS (SELECT 1 FROM applications_indicativequote q WHERE q.id = NEW.quote_id "
        "AND q.mailed_at IS NOT NULL)",
        "the lines of an indicative quote never change",
    ),
    never_deleted("membership", "accounts_membership", "a membership"),
    Guard(
        "membership_ends_for_good",
        "accounts_membership",
        "UPDATE",
        f"OLD.ended_at IS NOT NULL OR {differs('organisation_id', 'person_id', 'created_at')}",
        "a membership that has ended stays as it was",
    ),
    Guard(
        "organisation_keeps_an_owner",
        "accounts_membership",
        "UPDATE",
        "OLD.role = 'owner' AND OLD.ended_at IS NULL AND (NEW.role <> 'owner' OR NEW.ended_at IS NOT NULL) "
        f"AND NOT {_ANOTHER_OWNER}",
        "an organisation needs an owner",
    ),
    never_deleted("invitation", "accounts_invitation", "an invitation"),
    Guard(
        "invitation_is_used_once",
        "accounts_invitation",
        "UPDATE",
        "OLD.used_at IS NOT NULL OR OLD.revoked_at IS NOT NULL "
        f"OR {differs('organisation_id', 'email', 'role', 'created_by_id', 'created_at')} OR NEW.mails < OLD.mails",
        "an invitation that was used or taken back lets nobody in again",
    ),
    never_deleted("request_to_join", "accounts_joinrequest", "a request to join"),
    moves_by_its_steps("request_to_join", "accounts_joinrequest", MOVES_OF_JOIN_REQUEST, "a request to join"),
    Guard(
        "request_to_join_keeps_its_asker",
        "accounts_joinrequest",
        "UPDATE",
        f"{differs('organisation_id', 'person_id', 'created_at')} OR {differs_once_set('answered_at')}",
        "who asked whom, and when, never changes",
    ),
)
