"""What the database holds of contracts, invoices and payments."""

from collections.abc import Mapping

from certbody.trigger_kinds import (
    AppendOnly,
    Guard,
    Trigger,
    before,
    differs,
    differs_once_set,
    moves_by_its_steps,
    never_deleted,
)

# the parents of a line before and after a change: a line that moves leaves one and comes to another
ROWS = {
    "INSERT": "NEW.contract_id",
    "UPDATE": "OLD.contract_id, NEW.contract_id",
    "DELETE": "OLD.contract_id",
}

# Which states follow a state; a test holds them to the tables of steps, which stand on the floor above.
MOVES_OF_CONTRACT: Mapping[str, tuple[str, ...]] = {
    "draft": ("offered", "void", "superseded"),
    "offered": ("accepted", "void", "superseded"),
    "accepted": ("superseded",),
}
MOVES_OF_INVOICE: Mapping[str, tuple[str, ...]] = {
    "draft": ("sent", "discarded"),
    "sent": ("paid", "credited"),
    "paid": ("sent", "credited"),
}
WRITTEN = ("INSERT", "UPDATE")


def _cents(amount: str) -> str:
    """An amount in whole cents: SQLite adds and keeps amounts as floating-point numbers."""
    return f"ROUND(({amount}) * 100)"


def _sum(table: str, condition: str, column: str = "amount") -> str:
    return f"(SELECT COALESCE(SUM(x.{column}), 0) FROM {table} x WHERE {condition})"


_OPEN = _cents("NEW.total - NEW.credited - NEW.paid")

MONEY: tuple[Trigger, ...] = (
    never_deleted("contract", "applications_contract", "a contract"),
    moves_by_its_steps("contract", "applications_contract", MOVES_OF_CONTRACT, "a contract"),
    *before(
        "contract_of_its_application",
        "applications_contract",
        WRITTEN,
        "NOT EXISTS (SELECT 1 FROM applications_application a WHERE a.id = NEW.application_id "
        "AND a.case_id = NEW.case_id) OR (NEW.amends_id IS NOT NULL AND NOT EXISTS (SELECT 1 "
        "FROM applications_contract c WHERE c.id = NEW.amends_id AND c.application_id = NEW.application_id))",
        "case, application and amended contract are those of one application",
    ),
    Guard(
        "offered_contract_keeps_its_words",
        "applications_contract",
        "UPDATE",
        f"OLD.state <> 'draft' AND ({differs('number', 'case_id', 'application_id', 'kind', 'headcount', 'quoted')} "
        f"OR {differs('tariff', 'person_days', 'adjustment', 'adjustment_reason', 'total', 'template_version')} "
        f"OR (OLD.pdf_sha256 <> '' AND NEW.pdf_sha256 <> OLD.pdf_sha256) OR {differs_once_set('pdf_id')})",
        "what was offered never changes: an amendment takes its place",
    ),
    Guard(
        "accepted_contract_keeps_its_acceptance",
        "applications_contract",
        "UPDATE",
        "OLD.state IN ('accepted', 'superseded') AND OLD.accepted_at IS NOT NULL AND (NEW.accepted_at IS NULL "
        f"OR NEW.accepted_by_id IS NULL OR {differs('accepted_at', 'accepted_by_id', 'accepted_sha256')})",
        "who accepted a contract, when and which document never changes",
    ),
    *(
        Guard(
            f"line_of_an_offered_contract_{when.lower()}",
            "applications_contractline",
            when,
            f"EXISTS (SELECT 1 FROM applications_contract c WHERE c.id IN ({rows}) AND c.state <> 'draft')",
            "the lines of a contract that was offered never change",
        )
        for when, rows in ROWS.items()
    ),
    AppendOnly("applications_payment"),
    AppendOnly("applications_creditnote"),
    AppendOnly("applications_creditnoteline"),
    AppendOnly("applications_bankline"),
    never_deleted("invoice", "applications_invoice", "an invoice"),
    Guard(
        "sent_invoice_keeps_its_words",
        "applications_invoice",
        "UPDATE",
        f"OLD.number <> '' AND ({differs('number', 'case_id', 'contract_id', 'organisation_id', 'kind')} "
        f"OR {differs('total', 'tax', 'tax_rate', 'title', 'taxpayer_number', 'sent_on', 'note')} "
        f"OR {differs('wants', 'address', 'phone', 'bank', 'account')} OR {differs_once_set('pdf_id')})",
        "number, buyer, amounts and document of an invoice that was sent never change",
    ),
    moves_by_its_steps("invoice", "applications_invoice", MOVES_OF_INVOICE, "an invoice"),
    *before(
        "invoice_of_its_contract",
        "applications_invoice",
        WRITTEN,
        "NOT EXISTS (SELECT 1 FROM applications_contract c JOIN cases_case k ON k.id = c.case_id "
        "WHERE c.id = NEW.contract_id AND k.id = NEW.case_id AND k.organisation_id = NEW.organisation_id)",
        "contract, case and organisation of an invoice belong together",
    ),
    Guard(
        "invoice_begins_without_money",
        "applications_invoice",
        "INSERT",
        "NEW.state IN ('paid', 'credited') OR NEW.paid <> 0 OR NEW.credited <> 0",
        "an invoice begins without payments",
    ),
    Guard(
        "invoice_sums_are_those_of_its_rows",
        "applications_invoice",
        "UPDATE",
        f"(NEW.paid <> OLD.paid AND {_cents('NEW.paid')} <> "
        f"{_cents(_sum('applications_payment', 'x.invoice_id = NEW.id'))}) "
        f"OR (NEW.credited <> OLD.credited AND {_cents('NEW.credited')} <> "
        f"{_cents('-' + _sum('applications_creditnote', 'x.invoice_id = NEW.id', 'total'))})",
        "what is paid and credited is the sum of payments and credit notes",
    ),
    Guard(
        "invoice_state_follows_its_sums",
        "applications_invoice",
        "UPDATE",
        f"NEW.state <> OLD.state AND ((NEW.state = 'paid' AND {_OPEN} > 0) "
        f"OR (OLD.state = 'paid' AND NEW.state = 'sent' AND {_OPEN} <= 0))",
        "an invoice is paid when its payments say so",
    ),
    *(
        Guard(
            f"line_of_a_sent_invoice_{when.lower()}",
            "applications_invoiceline",
            when,
            "EXISTS (SELECT 1 FROM applications_invoice i "
            f"WHERE i.id IN ({rows.replace('contract_id', 'invoice_id')}) AND i.number <> '')",
            "the lines of an invoice that was sent never change",
        )
        for when, rows in ROWS.items()
    ),
    Guard(
        "payment_of_an_invoice_that_was_sent",
        "applications_payment",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM applications_invoice i WHERE i.id = NEW.invoice_id AND i.number <> '')",
        "only an invoice that was sent is paid",
    ),
    Guard(
        "counter_entry_of_the_same_invoice",
        "applications_payment",
        "INSERT",
        "NEW.counters_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM applications_payment p "
        "WHERE p.id = NEW.counters_id AND p.invoice_id = NEW.invoice_id AND p.kind = 'payment' AND "
        f"{_cents('p.amount + NEW.amount + ' + _sum('applications_payment', 'x.counters_id = p.id'))} >= 0)",
        "a counter-entry takes back at most a payment of the same invoice",
    ),
    Guard(
        "credit_note_of_an_invoice_that_was_sent",
        "applications_creditnote",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM applications_invoice i WHERE i.id = NEW.invoice_id AND i.number <> '' AND "
        f"{_cents('i.total + NEW.total + ' + _sum('applications_creditnote', 'x.invoice_id = i.id', 'total'))} >= 0)",
        "a credit note takes back at most an invoice that was sent",
    ),
    Guard(
        "credit_line_of_the_same_invoice",
        "applications_creditnoteline",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM applications_invoiceline l JOIN applications_creditnote n "
        "ON n.invoice_id = l.invoice_id WHERE l.id = NEW.line_id AND n.id = NEW.credit_note_id AND "
        f"{_cents('l.amount + NEW.amount + ' + _sum('applications_creditnoteline', 'x.line_id = l.id'))} >= 0)",
        "a credit note takes back at most the lines of its own invoice",
    ),
    Guard(
        "payment_within_its_bank_line",
        "applications_payment",
        "INSERT",
        "NEW.bank_line_id IS NOT NULL AND ROUND((NEW.amount + (SELECT COALESCE(SUM(p.amount), 0) "
        "FROM applications_payment p WHERE p.bank_line_id = NEW.bank_line_id)) * 100) > ROUND((SELECT l.amount "
        "FROM applications_bankline l WHERE l.id = NEW.bank_line_id) * 100)",
        "more is entered than the line of the bank statement holds",
    ),
)
