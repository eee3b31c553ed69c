"""The audit log refuses also what changes it without an UPDATE or a DELETE.

SQLite's REPLACE deletes the row in its way without asking the trigger that refuses deletions; PostgreSQL's
TRUNCATE asks no trigger for rows.
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER audit_entries_no_replace BEFORE INSERT ON audit_entries"
            " WHEN EXISTS (SELECT 1 FROM audit_entries WHERE id = NEW.id OR previous = NEW.previous)"
            " BEGIN SELECT RAISE(ABORT, 'audit entries are never changed nor deleted'); END"
        )
        return
    op.execute(
        "CREATE TRIGGER audit_entries_no_truncate BEFORE TRUNCATE ON audit_entries"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_entries_no_replace")
    else:
        op.execute("DROP TRIGGER audit_entries_no_truncate ON audit_entries")
