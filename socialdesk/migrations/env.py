"""How Alembic runs the migrations: on the connection that database.upgrade hands over."""

from alembic import context

from socialdesk.tables import METADATA, is_modelled

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    include_name=is_modelled,
)
with context.begin_transaction():
    context.run_migrations()
