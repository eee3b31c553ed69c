"""Reply texts that supervisors have edited at the desk, with all their versions."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "template_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("written_from", sa.String(), nullable=True),
        sa.Column("file_version", sa.String(), nullable=False),
        sa.Column("edited_by_id", sa.Integer(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("visibility IN ('public', 'private')", name=op.f("ck_template_texts_visibility")),
        sa.ForeignKeyConstraint(
            ["edited_by_id"], ["agents.id"], name=op.f("fk_template_texts_edited_by_id_agents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_texts")),
        sa.UniqueConstraint(
            "template",
            "language",
            "visibility",
            "version",
            name=op.f("uq_template_texts_template_language_visibility_version"),
        ),
    )


def downgrade() -> None:
    op.drop_table("template_texts")
