"""What replies cost that left in part, and that an incident's replies are nobody's: counted anew.

`socialdesk db upgrade` does so afterwards: what was kept knew neither.
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM figure_counting")
