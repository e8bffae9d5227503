"""What the database holds of invoices and payments."""

from certbody.trigger_kinds import AppendOnly, Guard, Trigger, differs, never_deleted

MONEY: tuple[Trigger, ...] = (
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
            f"WHERE i.id = {'OLD' if when == 'DELETE' else 'NEW'}.invoice_id AND i.number <> '')",
            "the lines of an invoice that was sent never change",
        )
        for when in ("INSERT", "UPDATE", "DELETE")
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
