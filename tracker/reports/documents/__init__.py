"""How each kind of report is told: from its content to a document."""
