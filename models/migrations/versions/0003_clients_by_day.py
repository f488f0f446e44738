"""clients_by_day: the list of clients, the latest first, is read from an index."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("client_created", "client", ["created_at", "id"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("client_created", table_name="client")
