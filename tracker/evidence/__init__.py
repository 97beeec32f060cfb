"""Evidence of purchases: contracts, invoices and photos as files, checked, versioned and never deleted."""
