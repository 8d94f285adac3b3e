"""Run by Alembic; the connection comes from `storage.migrate.upgrade`, which also owns the transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
