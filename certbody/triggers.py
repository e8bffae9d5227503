"""Every database trigger, declared once for SQLite and PostgreSQL.

Triggers are dropped before migrations and made after them: a remade SQLite table silently loses its triggers, and a
trigger that reads another table breaks that table's migration. What the web refuses, the database refuses too.
"""

from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from certbody.cases.models import EVALUATION
from certbody.trigger_kinds import AppendOnly, Guard, Trigger, differs, never_deleted
from certbody.triggers_of_money import MONEY
from certbody.triggers_of_requests import REQUESTS

_BARRING = ", ".join(f"'{part}'" for part in sorted(EVALUATION))


def _took_part(case: str, person: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM cases_involvement i WHERE i.case_id = {case} "
        f"AND i.person_id = {person} AND i.part IN ({_BARRING}))"
    )


CATALOGUE: tuple[Trigger, ...] = (
    AppendOnly("trail_event"),
    AppendOnly("files_storedfile"),
    never_deleted("quarantine", "files_quarantine", "a quarantine"),
    Guard(
        "quarantine_keeps_its_facts",
        "files_quarantine",
        "UPDATE",
        f"OLD.state = 'released' OR {differs('file_id', 'infection', 'found_at')}",
        "what was found in a file, and that it was released, never changes",
    ),
    AppendOnly("cases_involvement"),
    AppendOnly("body_bodysetting"),
    AppendOnly("applications_applicationsubmission"),
    AppendOnly("audits_scoreoperation"),
    AppendOnly("certificates_ballot"),
    AppendOnly("certificates_issueddocument"),
    Guard(
        "score_after_closing",
        "audits_scoreoperation",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM audits_audit a WHERE a.id = NEW.audit_id AND a.state = 'stage2')",
        "the score sheet is closed",
    ),
    Guard(
        "seat_of_an_evaluator",
        "certificates_seat",
        "INSERT",
        _took_part("(SELECT p.case_id FROM certificates_panel p WHERE p.id = NEW.panel_id)", "NEW.person_id"),
        "impartiality: who took part in the evaluation cannot take a seat",
    ),
    Guard(
        "ballot_of_an_evaluator",
        "certificates_ballot",
        "INSERT",
        _took_part(
            "(SELECT p.case_id FROM certificates_panel p JOIN certificates_seat s ON s.panel_id = p.id "
            "WHERE s.id = NEW.seat_id)",
            "(SELECT s.person_id FROM certificates_seat s WHERE s.id = NEW.seat_id)",
        ),
        "impartiality: who took part in the evaluation cannot vote",
    ),
    Guard(
        "ballot_after_closing",
        "certificates_ballot",
        "INSERT",
        "EXISTS (SELECT 1 FROM certificates_panel p JOIN certificates_seat s ON s.panel_id = p.id "
        "WHERE s.id = NEW.seat_id AND p.state <> 'open')",
        "the panel is closed",
    ),
    Guard(
        "evaluation_by_a_decider",
        "cases_involvement",
        "INSERT",
        f"NEW.part IN ({_BARRING}) AND EXISTS (SELECT 1 FROM certificates_seat s JOIN certificates_panel p "
        "ON p.id = s.panel_id WHERE p.case_id = NEW.case_id AND s.person_id = NEW.person_id)",
        "impartiality: who sits on the panel of a case cannot take part in its evaluation",
    ),
    Guard(
        "certificate_without_signed_grant",
        "certificates_certificate",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM certificates_decision d WHERE d.id = NEW.decision_id AND d.state = 'signed' "
        "AND d.outcome = 'grant')",
        "a certificate needs a signed decision to grant",
    ),
    Guard(
        "certificate_keeps_its_facts",
        "certificates_certificate",
        "UPDATE",
        f"{differs('number', 'case_id', 'decision_id', 'organisation_id', 'scheme', 'scope_key', 'grade')} "
        f"OR {differs('cycle', 'first_issued_on', 'issued_on', 'valid_from', 'expires_on')} "
        "OR OLD.state = 'void'",
        "number, organisation, grade and dates of a certificate never change",
    ),
    Guard(
        "certificate_begins_reserved",
        "certificates_certificate",
        "INSERT",
        "NEW.state <> 'reserved'",
        "a certificate begins as a reserved number",
    ),
    Guard(
        "certificate_end_is_final",
        "certificates_certificate",
        "UPDATE",
        "NEW.state <> OLD.state AND (OLD.state IN ('withdrawn', 'cancelled', 'superseded') "
        "OR NEW.state = 'reserved' OR (NEW.state = 'void' AND OLD.state <> 'reserved'))",
        "a certificate that has ended stays ended, and an issued one is never reserved or void again",
    ),
    never_deleted("certificate", "certificates_certificate", "a certificate"),
    never_deleted("edition", "certificates_edition", "an edition"),
    never_deleted("decision", "certificates_decision", "a decision"),
    never_deleted("panel", "certificates_panel", "a panel"),
    never_deleted("seat", "certificates_seat", "a seat"),
    never_deleted("trail_head", "trail_trailhead", "the end of the trail"),
    Guard(
        "scoring_table_keeps_its_content",
        "body_scoringtable",
        "UPDATE",
        "OLD.state <> 'draft' AND (NEW.state = 'draft' "
        f"OR {differs('content', 'content_hash', 'scheme', 'version')})",
        "a confirmed scoring table never changes",
    ),
    never_deleted("scoring_table", "body_scoringtable", "a scoring table"),
    AppendOnly("certificates_statuschange"),
    Guard(
        "ballot_of_a_recused_member",
        "certificates_ballot",
        "INSERT",
        "EXISTS (SELECT 1 FROM certificates_seat s WHERE s.id = NEW.seat_id AND s.recused_at IS NOT NULL)",
        "who withdrew from the panel cannot vote",
    ),
    Guard(
        "closed_panel_stays_closed",
        "certificates_panel",
        "UPDATE",
        "OLD.state = 'closed'",
        "a closed panel never changes",
    ),
    Guard(
        "panel_keeps_its_motion",
        "certificates_panel",
        "UPDATE",
        f"{differs('case_id', 'report_id', 'session', 'motion_outcome', 'motion_grade', 'motion_reasons')} "
        f"OR {differs('quorum', 'majority', 'chair_breaks_tie', 'opened_by_id', 'opened_at')}",
        "motion and rules of a vote never change",
    ),
    Guard(
        "seat_on_a_closed_panel",
        "certificates_seat",
        "INSERT",
        "EXISTS (SELECT 1 FROM certificates_panel p WHERE p.id = NEW.panel_id AND p.state <> 'open')",
        "the panel is closed",
    ),
    Guard(
        "seat_changes_by_a_recusal_only",
        "certificates_seat",
        "UPDATE",
        f"{differs('panel_id', 'person_id', 'capacity')} OR OLD.recused_at IS NOT NULL OR NEW.recused_at IS NULL "
        "OR EXISTS (SELECT 1 FROM certificates_ballot b WHERE b.seat_id = OLD.id)",
        "a seat changes only when its member withdraws, before voting",
    ),
    Guard(
        "signature_of_an_evaluator",
        "certificates_decision",
        "UPDATE",
        f"NEW.signed_by_id IS NOT NULL AND {_took_part('NEW.case_id', 'NEW.signed_by_id')}",
        "impartiality: who took part in the evaluation cannot sign",
    ),
    Guard(
        "evaluation_by_a_signatory",
        "cases_involvement",
        "INSERT",
        f"NEW.part IN ({_BARRING}) AND EXISTS (SELECT 1 FROM certificates_decision d "
        "WHERE d.case_id = NEW.case_id AND d.signed_by_id = NEW.person_id)",
        "impartiality: who signed the decision of a case cannot take part in its evaluation",
    ),
    Guard(
        "decision_keeps_its_words",
        "certificates_decision",
        "UPDATE",
        differs("case_id", "panel_id", "report_id", "outcome", "grade", "reasons", "taken_on"),
        "outcome, grade and reasons of a decision never change",
    ),
    Guard(
        "signed_decision_takes_a_letter_only",
        "certificates_decision",
        "UPDATE",
        f"OLD.state = 'returned' OR (OLD.state = 'signed' AND ({differs('state', 'signed_by_id', 'signed_at')} "
        f"OR {differs('return_reason')} OR NEW.signed_by_id IS NULL OR NEW.signed_at IS NULL "
        "OR COALESCE(NEW.authorisation_id, 0) <> COALESCE(OLD.authorisation_id, 0) "
        "OR (OLD.letter_id IS NOT NULL AND (NEW.letter_id IS NULL OR NEW.letter_id <> OLD.letter_id))))",
        "a signed or returned decision never changes; a signed one takes its letter once",
    ),
    Guard(
        "certificate_valid_without_documents",
        "certificates_certificate",
        "UPDATE",
        "OLD.state = 'reserved' AND NEW.state NOT IN ('reserved', 'void') AND (SELECT COUNT(*) "
        "FROM certificates_issueddocument i JOIN certificates_edition e ON e.id = i.edition_id "
        "WHERE e.certificate_id = NEW.id AND e.state <> 'void') < 2",
        "a certificate is valid only when the documents of both languages are kept",
    ),
    Guard(
        "edition_keeps_its_manifest",
        "certificates_edition",
        "UPDATE",
        f"{differs('certificate_id', 'decision_id', 'number', 'manifest', 'manifest_sha256')} "
        "OR OLD.state = 'void'",
        "what an edition prints never changes",
    ),
    *MONEY,
    *REQUESTS,
)


def _existing(connection: BaseDatabaseWrapper) -> list[Trigger]:
    tables = set(connection.introspection.table_names())
    return [trigger for trigger in CATALOGUE if trigger.table in tables]


def _is_sqlite(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "sqlite"


def drop_all(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger of the catalogue."""
    with connection.cursor() as cursor:
        for trigger in _existing(connection):
            if _is_sqlite(connection):
                for name, _sql in trigger.sqlite():
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            else:
                for name, _body, _sql in trigger.postgres():
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {trigger.table}")


def create_all(connection: BaseDatabaseWrapper) -> None:
    """Make every trigger whose table exists, and on PostgreSQL give the application's role its rights."""
    drop_all(connection)
    with connection.cursor() as cursor:
        for trigger in _existing(connection):
            if _is_sqlite(connection):
                for _name, sql in trigger.sqlite():
                    cursor.execute(sql)
            else:
                for name, body, sql in trigger.postgres():
                    cursor.execute(
                        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$"
                    )
                    cursor.execute(sql)
    if not _is_sqlite(connection):
        _grant(connection)


def _grant(connection: BaseDatabaseWrapper) -> None:
    role = settings.DATABASES["default"].get("USER")
    if not role or settings.DATABASE_OWNER_URL == settings.DATABASE_URL:
        return
    with connection.cursor() as cursor:
        quoted = connection.ops.quote_name(str(role))
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted}")
        for trigger in _existing(connection):
            if trigger.is_append_only:
                cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {trigger.table} FROM {quoted}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers that the database does not hold exactly as the catalogue declares them."""
    found = _found_in(connection)
    wrong = []
    for trigger in CATALOGUE:
        if _is_sqlite(connection):
            wrong += [name for name, sql in trigger.sqlite() if found.get(name) != sql]
        else:
            wrong += [name for name, body, _sql in trigger.postgres() if found.get(name) != body]
    return wrong


def _found_in(connection: BaseDatabaseWrapper) -> dict[str, str]:
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        if _is_sqlite(connection)
        else "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return dict(cursor.fetchall())


def drop_before_migration(*, using: str, **_signal: Any) -> None:
    drop_all(connections[using])


def create_after_migration(*, using: str, **_signal: Any) -> None:
    create_all(connections[using])
