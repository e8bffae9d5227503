"""What this floor asks: kinds of application, sections, documents, items of the review; clauses of the contract."""
