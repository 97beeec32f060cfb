"""The ledger: purchases with payments, revisions, frozen verdicts and the rollup."""
