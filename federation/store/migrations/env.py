"""Alembic's entry: runs the migrations on the connection, and in the transaction, that `federation.store.migrate` hands over.

For a developer: `alembic revision` needs no env; a new file in versions/ (next number) and tables.VERSION are all there is to write.
"""

from alembic import context

from federation.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
