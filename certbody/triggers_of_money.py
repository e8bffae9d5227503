"""What the database holds of contracts, invoices and payments."""

from certbody.trigger_kinds import AppendOnly, Guard, Trigger, differs, never_deleted

# the parents of a line before and after a change: a line that moves leaves one and comes to another
ROWS = {
    "INSERT": "NEW.contract_id",
    "UPDATE": "OLD.contract_id, NEW.contract_id",
    "DELETE": "OLD.contract_id",
}

MONEY: tuple[Trigger, ...] = (
    never_deleted("contract", "applications_contract", "a contract"),
    Guard(
        "offered_contract_keeps_its_words",
        "applications_contract",
        "UPDATE",
        f"OLD.state <> 'draft' AND ({differs('number', 'case_id', 'application_id', 'kind', 'headcount', 'quoted')} "
        f"OR {differs('tariff', 'person_days', 'adjustment', 'adjustment_reason', 'total', 'template_version')} "
        "OR (OLD.pdf_sha256 <> '' AND NEW.pdf_sha256 <> OLD.pdf_sha256))",
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
        f"OR {differs('total', 'tax', 'tax_rate', 'title', 'taxpayer_number', 'sent_on')})",
        "number, buyer and amounts of an invoice that was sent never change",
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
        "payment_within_its_bank_line",
        "applications_payment",
        "INSERT",
        "NEW.bank_line_id IS NOT NULL AND ROUND((NEW.amount + (SELECT COALESCE(SUM(p.amount), 0) "
        "FROM applications_payment p WHERE p.bank_line_id = NEW.bank_line_id)) * 100) > ROUND((SELECT l.amount "
        "FROM applications_bankline l WHERE l.id = NEW.bank_line_id) * 100)",
        "more is entered than the line of the bank statement holds",
    ),
)
