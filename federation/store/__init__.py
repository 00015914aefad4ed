"""The state of a federation: tables, migrations, transactions, backup. `federation.store.store.Store` is the way in."""
