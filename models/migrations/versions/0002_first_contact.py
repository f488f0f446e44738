"""first_contact."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "gone_bytes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=250), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=250), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["deputy_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["person_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("absence_of_person", "absence", ["person_id", "begins"], unique=False)
    op.create_table(
        "feed_link",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index(
        "feed_link_live", "feed_link", ["person_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "holiday",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("words", sa.String(length=250), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("day"),
    )
    op.create_table(
        "lead_import",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("coding", sa.String(length=20), nullable=False),
        sa.Column("separator", sa.String(length=4), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("shape", sa.String(length=64), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("work_id", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["person_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_lead_import_shape"), "lead_import", ["shape"], unique=False)
    op.create_index("lead_import_person", "lead_import", ["person_id", "id"], unique=False)
    op.create_table(
        "notice_address",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=250), nullable=False),
        sa.Column("events", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_notice_address_person_id"), "notice_address", ["person_id"], unique=False)
    op.create_index("notice_address_mark", "notice_address", ["way", "mark"], unique=False)
    op.create_table(
        "push_device",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("endpoint", sa.String(length=1000), nullable=False),
        sa.Column("p256dh", sa.String(length=120), nullable=False),
        sa.Column("auth", sa.String(length=60), nullable=False),
        sa.Column("agent", sa.String(length=250), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("endpoint"),
    )
    op.create_index(op.f("ix_push_device_person_id"), "push_device", ["person_id"], unique=False)
    op.create_table(
        "recent_view",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("noun", sa.String(length=20), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "noun", "row_id"),
    )
    op.create_index("recent_of_person", "recent_view", ["person_id", "at"], unique=False)
    op.create_table(
        "work",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("place", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("found", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("errors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("url", sa.String(length=250), nullable=False),
        sa.Column("stop_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "work_live", "work", ["id"], unique=False, postgresql_where=sa.text("state IN ('waiting', 'running')")
    )
    op.create_index("work_person", "work", ["person_id", "id"], unique=False)
    op.create_table(
        "work_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("week", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["person_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", postgresql_nulls_not_distinct=True),
    )
    op.create_table(
        "like_pair",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("a_id", sa.BigInteger(), nullable=False),
        sa.Column("b_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("a_id < b_id", name="like_pair_ordered"),
        sa.ForeignKeyConstraint(["a_id"], ["client.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["b_id"], ["client.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("a_id", "b_id"),
    )
    op.create_index("like_pair_b", "like_pair", ["b_id"], unique=False)
    op.create_index(
        "like_pair_open", "like_pair", ["score", "id"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "merge",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("survivor_id", sa.BigInteger(), nullable=False),
        sa.Column("loser_id", sa.BigInteger(), nullable=False),
        sa.Column("choice", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("conflicts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["work.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["loser_id"], ["client.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["survivor_id"], ["client.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["undone_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("merge_batch", "merge", ["batch_id"], unique=False)
    op.create_index("merge_loser", "merge", ["loser_id"], unique=False)
    op.create_index("merge_survivor", "merge", ["survivor_id"], unique=False)
    op.create_table(
        "not_duplicate",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("a_id", sa.BigInteger(), nullable=False),
        sa.Column("b_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("a_id < b_id", name="not_duplicate_ordered"),
        sa.ForeignKeyConstraint(["a_id"], ["client.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["b_id"], ["client.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("a_id", "b_id"),
    )
    op.create_index("not_duplicate_b", "not_duplicate", ["b_id"], unique=False)
    op.create_table(
        "sorting_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("funnel_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["funnel_id"], ["funnel.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "sorting_rule_place",
        "sorting_rule",
        ["what", "source", "funnel_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "participant",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=250), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(client_id IS NULL) <> (person_id IS NULL)", name="one_of_two"),
        sa.ForeignKeyConstraint(["changed_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "participant_client",
        "participant",
        ["deal_id", "client_id"],
        unique=True,
        postgresql_where=sa.text("client_id IS NOT NULL"),
    )
    op.create_index("participant_of_client", "participant", ["client_id", "deal_id"], unique=False)
    op.create_index(
        "participant_person",
        "participant",
        ["deal_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("person_id IS NOT NULL"),
    )
    op.create_table(
        "conversation",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("external_id", sa.String(length=250), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("deal_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(length=250), nullable=False),
        sa.Column("handle", sa.String(length=250), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_incoming_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unanswered_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("extra", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel_id", "external_id", name="conversation_of_channel"),
    )
    op.create_index(
        "conversation_of_client",
        "conversation",
        ["client_id"],
        unique=False,
        postgresql_where=sa.text("client_id IS NOT NULL"),
    )
    op.create_index(
        "conversation_of_deal",
        "conversation",
        ["deal_id"],
        unique=False,
        postgresql_where=sa.text("deal_id IS NOT NULL"),
    )
    op.create_index(
        "conversation_of_lead",
        "conversation",
        ["lead_id"],
        unique=False,
        postgresql_where=sa.text("lead_id IS NOT NULL"),
    )
    op.create_index(
        "conversation_unanswered",
        "conversation",
        ["unanswered_since"],
        unique=False,
        postgresql_where=sa.text("unanswered_since IS NOT NULL"),
    )
    op.create_table(
        "import_row",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cells", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["lead_import.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("import_row_place", "import_row", ["import_id", "number"], unique=True)
    op.create_table(
        "phone_call",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(length=250), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("extension", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("deal_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_phone_call_deal_id"), "phone_call", ["deal_id"], unique=False)
    op.create_index(op.f("ix_phone_call_lead_id"), "phone_call", ["lead_id"], unique=False)
    op.create_index("phone_call_entry", "phone_call", ["channel_id", "entry"], unique=True)
    op.create_table(
        "task_alert",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("task_id", "kind", "due_at"),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=True),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("travel_minutes", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=250), nullable=False),
        sa.Column("address", sa.String(length=250), nullable=False),
        sa.Column("place_note", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("reason", sa.String(length=250), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name="visit_lasts"),
        sa.ForeignKeyConstraint(
            ["assignee_id"],
            ["ab_user.id"],
        ),
        sa.ForeignKeyConstraint(["changed_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["deleted_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_visit_client_id"), "visit", ["client_id"], unique=False)
    op.create_index(op.f("ix_visit_lead_id"), "visit", ["lead_id"], unique=False)
    op.create_index(op.f("ix_visit_task_id"), "visit", ["task_id"], unique=False)
    op.create_index(
        "visit_given",
        "visit",
        ["assignee_id", "deal_id"],
        unique=False,
        postgresql_where=sa.text("state = 'planned' AND deleted_at IS NULL"),
    )
    op.create_index("visit_of_deal", "visit", ["deal_id", "starts_at"], unique=False)
    op.create_index(
        "visit_of_person",
        "visit",
        ["assignee_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "visit_started", "visit", ["starts_at"], unique=False, postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.add_column("ab_user", sa.Column("lead_share", sa.Integer(), server_default="1", nullable=False))
    op.add_column("ab_user", sa.Column("lead_turn", sa.Double(), server_default="0", nullable=False))
    op.add_column("ab_user", sa.Column("signature", sa.String(), server_default="", nullable=False))
    # Absences have rows of their own from now on.
    op.execute(
        "INSERT INTO absence (person_id, begins, ends, kind, words, cancelled, version)"
        " SELECT id, absent_from, absent_until, 'other', '', false, 1 FROM ab_user WHERE absent_from IS NOT NULL"
    )
    # What people switched on and off stands beside their quiet hours now.
    op.execute(
        "UPDATE ab_user SET notify = jsonb_build_object('events', notify) "
        "WHERE notify <> '{}'::jsonb AND NOT notify ? 'events'"
    )
    op.drop_column("ab_user", "absent_from")
    op.drop_column("ab_user", "absent_until")
    op.add_column("channel", sa.Column("secrets", sa.String(), nullable=False, server_default=""))
    op.add_column(
        "channel", sa.Column("cursor", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="{}")
    )
    op.add_column("channel", sa.Column("trouble", sa.String(), nullable=False, server_default=""))
    op.add_column("channel", sa.Column("trouble_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("client", sa.Column("promo", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("client", sa.Column("partner_terms", sa.String(), nullable=False, server_default=""))
    op.add_column("client", sa.Column("partner_percent", sa.Numeric(precision=6, scale=2), nullable=True))
    op.add_column("client", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.create_index("client_inn", "client", ["inn"], unique=False, postgresql_where=sa.text("inn <> ''"))
    op.create_index(
        "client_merged",
        "client",
        ["merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index(
        "client_promo", "client", ["promo"], unique=True, postgresql_where=sa.text("promo <> '' AND deleted_at IS NULL")
    )
    op.create_foreign_key(
        "client_merged_into_id_fkey", "client", "client", ["merged_into_id"], ["id"], ondelete="SET NULL"
    )
    op.add_column("consent", sa.Column("words", sa.String(), nullable=False, server_default=""))
    op.create_index(
        "contact_beginning",
        "contact_point",
        ["value"],
        unique=False,
        postgresql_ops={"value": "text_pattern_ops"},
        postgresql_where=sa.text("kind <> 'phone'"),
    )
    op.add_column("deal", sa.Column("partner_id", sa.BigInteger(), nullable=True))
    op.add_column("deal", sa.Column("lost_words", sa.String(), nullable=False, server_default=""))
    op.add_column("deal", sa.Column("competitor", sa.String(length=250), nullable=False, server_default=""))
    op.add_column("deal", sa.Column("held_until", sa.Date(), nullable=True))
    op.add_column("deal", sa.Column("held_reason", sa.String(length=250), nullable=False, server_default=""))
    op.add_column("deal", sa.Column("held_by_id", sa.Integer(), nullable=True))
    op.drop_index(
        op.f("deal_board"),
        table_name="deal",
        postgresql_where="((closed_at IS NULL) AND (deleted_at IS NULL))",
        postgresql_include=["owner_id", "amount", "production_on"],
    )
    op.drop_index(
        op.f("deal_late"),
        table_name="deal",
        postgresql_where="((closed_at IS NULL) AND (deleted_at IS NULL))",
        postgresql_include=["owner_id"],
    )
    op.create_index(
        "deal_held",
        "deal",
        ["held_until", "id"],
        unique=False,
        postgresql_where=sa.text("held_until IS NOT NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "deal_partner", "deal", ["partner_id"], unique=False, postgresql_where=sa.text("partner_id IS NOT NULL")
    )
    op.create_index("deal_payer", "deal", ["payer_id"], unique=False, postgresql_where=sa.text("payer_id IS NOT NULL"))
    op.create_index(
        "deal_slow",
        "deal",
        ["stage_id", "stage_since"],
        unique=False,
        postgresql_include=["owner_id", "held_until"],
        postgresql_where=sa.text("closed_at IS NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "deal_standing",
        "deal",
        ["funnel_id", "stage_id", "stage_since", "id"],
        unique=False,
        postgresql_include=["owner_id", "amount", "production_on", "held_until"],
        postgresql_where=sa.text("closed_at IS NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "deal_words",
        "deal",
        [sa.literal_column("to_tsvector('simple'::regconfig, translate(lower((title || ' ') || address), 'ё', 'е'))")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_foreign_key("deal_held_by_id_fkey", "deal", "ab_user", ["held_by_id"], ["id"], ondelete="SET NULL")
    op.create_foreign_key("deal_partner_id_fkey", "deal", "client", ["partner_id"], ["id"], ondelete="SET NULL")
    op.add_column("delivery", sa.Column("message_id", sa.BigInteger(), nullable=True))
    op.add_column("delivery", sa.Column("target_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "delivery_stuck",
        "delivery",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('failed', 'held', 'in_doubt')"),
    )
    op.create_index(op.f("ix_delivery_message_id"), "delivery", ["message_id"], unique=False)
    op.create_foreign_key("delivery_message_id_fkey", "delivery", "message", ["message_id"], ["id"], ondelete="CASCADE")
    op.create_index(
        "document_number", "document", ["number"], unique=False, postgresql_ops={"number": "text_pattern_ops"}
    )
    op.create_index(
        "document_payer", "document", ["payer_id"], unique=False, postgresql_where=sa.text("payer_id IS NOT NULL")
    )
    op.add_column("lead", sa.Column("first_page", sa.String(length=1000), nullable=False, server_default=""))
    op.add_column("lead", sa.Column("import_id", sa.BigInteger(), nullable=True))
    op.add_column("lead", sa.Column("partner_id", sa.BigInteger(), nullable=True))
    op.add_column("lead", sa.Column("escalated", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("lead", sa.Column("escalate_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_lead_import_id"), "lead", ["import_id"], unique=False)
    op.create_index(
        "lead_escalating",
        "lead",
        ["escalate_at"],
        unique=False,
        postgresql_where=sa.text("answered_at IS NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "lead_partner", "lead", ["partner_id"], unique=False, postgresql_where=sa.text("partner_id IS NOT NULL")
    )
    op.create_index(
        "lead_waiting",
        "lead",
        ["respond_by"],
        unique=False,
        postgresql_include=["owner_id"],
        postgresql_where=sa.text(
            "answered_at IS NULL AND deleted_at IS NULL AND (state = 'waiting' OR state = 'taken')"
        ),
    )
    op.create_foreign_key(
        "lead_import_id_fkey", "lead", "lead_import", ["import_id"], ["id"], ondelete="SET NULL", use_alter=True
    )
    op.create_foreign_key("lead_partner_id_fkey", "lead", "client", ["partner_id"], ["id"], ondelete="SET NULL")
    op.add_column("message", sa.Column("client_id", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("conversation_id", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("external_id", sa.String(length=250), nullable=True))
    op.add_column("message", sa.Column("subject", sa.String(length=250), nullable=False, server_default=""))
    op.add_column("message", sa.Column("state", sa.String(length=10), nullable=False, server_default=""))
    op.add_column("message", sa.Column("answer", sa.String(), nullable=False, server_default=""))
    op.add_column("message", sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "message", sa.Column("mentions", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]")
    )
    op.add_column("message", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("deleted_by_id", sa.Integer(), nullable=True))
    op.create_index(
        "message_in_conversation",
        "message",
        ["conversation_id", "external_id"],
        unique=True,
        postgresql_where=sa.text("conversation_id IS NOT NULL AND external_id IS NOT NULL"),
    )
    op.create_index(
        "message_of_client",
        "message",
        ["client_id", "at"],
        unique=False,
        postgresql_where=sa.text("client_id IS NOT NULL"),
    )
    op.create_index(
        "message_under_way",
        "message",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'sending', 'in_doubt')"),
    )
    op.create_foreign_key(
        "message_conversation_id_fkey", "message", "conversation", ["conversation_id"], ["id"], ondelete="CASCADE"
    )
    op.create_foreign_key("message_client_id_fkey", "message", "client", ["client_id"], ["id"], ondelete="SET NULL")
    op.create_foreign_key(
        "message_deleted_by_id_fkey", "message", "ab_user", ["deleted_by_id"], ["id"], ondelete="SET NULL"
    )
    op.add_column("playbook", sa.Column("due_minutes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("playbook", sa.Column("working_hours", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("playbook", sa.Column("on_leave", sa.String(length=10), nullable=False, server_default=""))
    op.add_column(
        "playbook", sa.Column("checklist", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]")
    )
    op.add_column(
        "playbook", sa.Column("script", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="{}")
    )
    op.add_column("playbook", sa.Column("active", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column(
        "playbook", sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.add_column(
        "playbook", sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.add_column("playbook", sa.Column("created_by_id", sa.Integer(), nullable=True))
    op.add_column("playbook", sa.Column("changed_by_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        "playbook_changed_by_id_fkey", "playbook", "ab_user", ["changed_by_id"], ["id"], ondelete="SET NULL"
    )
    op.create_foreign_key(
        "playbook_created_by_id_fkey", "playbook", "ab_user", ["created_by_id"], ["id"], ondelete="SET NULL"
    )
    op.add_column("stored_file", sa.Column("lead_id", sa.BigInteger(), nullable=True))
    op.add_column("stored_file", sa.Column("client_id", sa.BigInteger(), nullable=True))
    op.add_column("stored_file", sa.Column("message_id", sa.BigInteger(), nullable=True))
    op.add_column("stored_file", sa.Column("attached", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("stored_file", sa.Column("inline", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("stored_file", sa.Column("width", sa.Integer(), nullable=True))
    op.add_column("stored_file", sa.Column("height", sa.Integer(), nullable=True))
    op.add_column("stored_file", sa.Column("preview", sa.String(length=10), nullable=False, server_default=""))
    op.add_column("stored_file", sa.Column("thumb_key", sa.String(length=250), nullable=False, server_default=""))
    op.add_column("stored_file", sa.Column("view_key", sa.String(length=250), nullable=False, server_default=""))
    op.add_column("stored_file", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stored_file", sa.Column("deleted_by_id", sa.Integer(), nullable=True))
    op.create_index(
        "stored_file_of_client",
        "stored_file",
        ["client_id"],
        unique=False,
        postgresql_where=sa.text("client_id IS NOT NULL"),
    )
    op.create_index(
        "stored_file_of_lead", "stored_file", ["lead_id"], unique=False, postgresql_where=sa.text("lead_id IS NOT NULL")
    )
    op.create_index(
        "stored_file_of_message",
        "stored_file",
        ["message_id"],
        unique=False,
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_index(
        "stored_file_waiting", "stored_file", ["id"], unique=False, postgresql_where=sa.text("preview = 'waiting'")
    )
    op.create_foreign_key(
        "stored_file_client_id_fkey", "stored_file", "client", ["client_id"], ["id"], ondelete="SET NULL"
    )
    op.create_foreign_key(
        "stored_file_deleted_by_id_fkey", "stored_file", "ab_user", ["deleted_by_id"], ["id"], ondelete="SET NULL"
    )
    op.create_foreign_key(
        "stored_file_message_id_fkey", "stored_file", "message", ["message_id"], ["id"], ondelete="CASCADE"
    )
    op.create_foreign_key("stored_file_lead_id_fkey", "stored_file", "lead", ["lead_id"], ["id"], ondelete="SET NULL")
    op.add_column("task", sa.Column("is_important", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("task", sa.Column("minutes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("task", sa.Column("remind_minutes", sa.Integer(), nullable=True))
    op.add_column("task", sa.Column("repeats", sa.String(length=10), nullable=False, server_default=""))
    op.add_column("task", sa.Column("repeat_day", sa.Integer(), nullable=True))
    op.add_column("task", sa.Column("repeated_from_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "task", sa.Column("checklist", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]")
    )
    op.add_column("task", sa.Column("script", sa.String(), nullable=False, server_default=""))
    op.add_column("task", sa.Column("address", sa.String(length=250), nullable=False, server_default=""))
    op.create_index(op.f("ix_task_repeated_from_id"), "task", ["repeated_from_id"], unique=False)
    op.create_index(
        "task_done",
        "task",
        ["done_at"],
        unique=False,
        postgresql_include=["kind", "done_by_id", "assignee_id", "deal_id"],
        postgresql_where=sa.text("done_at IS NOT NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "task_due", "task", ["due_at"], unique=False, postgresql_where=sa.text("done_at IS NULL AND deleted_at IS NULL")
    )
    op.create_foreign_key(
        "task_repeated_from_id_fkey", "task", "task", ["repeated_from_id"], ["id"], ondelete="SET NULL"
    )


def downgrade() -> None:
    """Take back."""
    # WARNING: constraint name is None; this directive will fail as
    # rendered.  Add a name, or use a naming convention; see
    # https://alembic.sqlalchemy.org/en/latest/naming.html
    op.drop_constraint("task_repeated_from_id_fkey", "task", type_="foreignkey")
    op.drop_index("task_due", table_name="task", postgresql_where=sa.text("done_at IS NULL AND deleted_at IS NULL"))
    op.drop_index(
        "task_done",
        table_name="task",
        postgresql_include=["kind", "done_by_id", "assignee_id", "deal_id"],
        postgresql_where=sa.text("done_at IS NOT NULL AND deleted_at IS NULL"),
    )
    op.drop_index(op.f("ix_task_repeated_from_id"), table_name="task")
    op.drop_column("task", "address")
    op.drop_column("task", "script")
    op.drop_column("task", "checklist")
    op.drop_column("task", "repeated_from_id")
    op.drop_column("task", "repeat_day")
    op.drop_column("task", "repeats")
    op.drop_column("task", "remind_minutes")
    op.drop_column("task", "minutes")
    op.drop_column("task", "is_important")
    # WARNING: constraint name is None; this directive will fail as
    # rendered.  Add a name, or use a naming convention; see
    # https://alembic.sqlalchemy.org/en/latest/naming.html
    op.drop_constraint("stored_file_lead_id_fkey", "stored_file", type_="foreignkey")
    # WARNING: constraint name is None; this directive will fail as
    # rendered.  Add a name, or use a naming convention; see
    # https://alembic.sqlalchemy.org/en/latest/naming.html
    op.drop_constraint("stored_file_message_id_fkey", "stored_file", type_="foreignkey")
    # WARNING: constraint name is None; this directive will fail as
    # rendered.  Add a name, or use a naming convention; see
    # https://alembic.sqlalchemy.org/en/latest/naming.html
    op.drop_constraint("stored_file_deleted_by_id_fkey", "stored_file", type_="foreignkey")
    # WARNING: constraint name is None; this directive will fail as
    # rendered.  Add a name, or use a naming convention; see
    # https://alembic.sqlalchemy.org/en/latest/naming.html
    op.drop_constraint("stored_file_client_id_fkey", "stored_file", type_="foreignkey")
    op.drop_index("stored_file_waiting", table_name="stored_file", postgresql_where=sa.text("preview = 'waiting'"))
    op.drop_index(
        "stored_file_of_message", table_name="stored_file", postgresql_where=sa.text("message_id IS NOT NULL")
    )
    op.drop_index("stored_file_of_lead", table_name="stored_file", postgresql_where=sa.text("lead_id IS NOT NULL"))
    op.drop_index("stored_file_of_client", table_name="stored_file", postgresql_where=sa.text("client_id IS NOT NULL"))
    op.drop_column("stored_file", "deleted_by_id")
    op.drop_column("stored_file", "deleted_at")
    op.drop_column("stored_file", "view_key")
    op.drop_column("stored_file", "thumb_key")
    op.drop_column("stored_file", "preview")
    op.drop_column("stored_file", "height")
    op.drop_column("stored_file", "width")
    op.drop_column("stored_file", "inline")
    op.drop_column("stored_file", "attached")
    op.drop_column("stored_file", "message_id")
    op.drop_column("stored_file", "client_id")
    op.drop_column("stored_file", "lead_id")
    # WARNING: constraint name is None; this directive will fail as
    # rendered.  Add a name, or use a naming convention; see
    # https://alembic.sqlalchemy.org/en/latest/naming.html
    op.drop_constraint("playbook_created_by_id_fkey", "playbook", type_="foreignkey")
    # WARNING: constraint name is None; this directive will fail as
    # rendered.  Add a name, or use a naming convention; see
    # https://alembic.sqlalchemy.org/en/latest/naming.html
    op.drop_constraint("playbook_changed_by_id_fkey", "playbook", type_="foreignkey")
    op.drop_column("playbook", "changed_by_id")
    op.drop_column("playbook", "created_by_id")
    op.drop_column("playbook", "changed_at")
    op.drop_column("playbook", "created_at")
    op.drop_column("playbook", "active")
    op.drop_column("playbook", "script")
    op.drop_column("playbook", "checklist")
    op.drop_column("playbook", "on_leave")
    op.drop_column("playbook", "working_hours")
    op.drop_column("playbook", "due_minutes")
    # WARNING: constraint name is None; this directive will fail as
    # rendered.  Add a name, or use a naming convention; see
    # https://alembic.sqlalchemy.org/en/latest/naming.html
    op.drop_constraint("message_deleted_by_id_fkey", "message", type_="foreignkey")
    # WARNING: constraint name is None; this directive will fail as
    # rendered.  Add a name, or use a naming convention; see
    # https://alembic.sqlalchemy.org/en/latest/naming.html
    op.drop_constraint("message_client_id_fkey", "message", type_="foreignkey")
    # WARNING: constraint name is None; this directive will fail as
    # rendered.  Add a name, or use a naming convention; see
    # https://alembic.sqlalchemy.org/en/latest/naming.html
    op.drop_constraint("message_conversation_id_fkey", "message", type_="foreignkey")
    op.drop_index(
        "message_under_way",
        table_name="message",
        postgresql_where=sa.text("state IN ('pending', 'sending', 'in_doubt')"),
    )
    op.drop_index("message_of_client", table_name="message", postgresql_where=sa.text("client_id IS NOT NULL"))
    op.drop_index(
        "message_in_conversation",
        table_name="message",
        postgresql_where=sa.text("conversation_id IS NOT NULL AND external_id IS NOT NULL"),
    )
    op.drop_column("message", "deleted_by_id")
    op.drop_column("message", "deleted_at")
    op.drop_column("message", "mentions")
    op.drop_column("message", "pinned_at")
    op.drop_column("message", "answer")
    op.drop_column("message", "state")
    op.drop_column("message", "subject")
    op.drop_column("message", "external_id")
    op.drop_column("message", "conversation_id")
    op.drop_column("message", "client_id")
    op.drop_constraint("lead_partner_id_fkey", "lead", type_="foreignkey")
    # WARNING: constraint name is None; this directive will fail as
    # rendered.  Add a name, or use a naming convention; see
    # https://alembic.sqlalchemy.org/en/latest/naming.html
    op.drop_constraint("lead_import_id_fkey", "lead", type_="foreignkey")
    op.drop_index(
        "lead_waiting",
        table_name="lead",
        postgresql_include=["owner_id"],
        postgresql_where=sa.text(
            "answered_at IS NULL AND deleted_at IS NULL AND (state = 'waiting' OR state = 'taken')"
        ),
    )
    op.drop_index("lead_partner", table_name="lead", postgresql_where=sa.text("partner_id IS NOT NULL"))
    op.drop_index(
        "lead_escalating", table_name="lead", postgresql_where=sa.text("answered_at IS NULL AND deleted_at IS NULL")
    )
    op.drop_index(op.f("ix_lead_import_id"), table_name="lead")
    op.drop_column("lead", "escalate_at")
    op.drop_column("lead", "escalated")
    op.drop_column("lead", "partner_id")
    op.drop_column("lead", "import_id")
    op.drop_column("lead", "first_page")
    op.drop_index("document_payer", table_name="document", postgresql_where=sa.text("payer_id IS NOT NULL"))
    op.drop_index("document_number", table_name="document", postgresql_ops={"number": "text_pattern_ops"})
    # WARNING: constraint name is None; this directive will fail as
    # rendered.  Add a name, or use a naming convention; see
    # https://alembic.sqlalchemy.org/en/latest/naming.html
    op.drop_constraint("delivery_message_id_fkey", "delivery", type_="foreignkey")
    op.drop_index(op.f("ix_delivery_message_id"), table_name="delivery")
    op.drop_index(
        "delivery_stuck", table_name="delivery", postgresql_where=sa.text("state IN ('failed', 'held', 'in_doubt')")
    )
    op.drop_column("delivery", "target_id")
    op.drop_column("delivery", "message_id")
    op.drop_constraint("deal_partner_id_fkey", "deal", type_="foreignkey")
    op.drop_constraint("deal_held_by_id_fkey", "deal", type_="foreignkey")
    op.drop_index("deal_words", table_name="deal", postgresql_using="gin")
    op.drop_index(
        "deal_standing",
        table_name="deal",
        postgresql_include=["owner_id", "amount", "production_on", "held_until"],
        postgresql_where=sa.text("closed_at IS NULL AND deleted_at IS NULL"),
    )
    op.drop_index(
        "deal_slow",
        table_name="deal",
        postgresql_include=["owner_id", "held_until"],
        postgresql_where=sa.text("closed_at IS NULL AND deleted_at IS NULL"),
    )
    op.drop_index("deal_payer", table_name="deal", postgresql_where=sa.text("payer_id IS NOT NULL"))
    op.drop_index("deal_partner", table_name="deal", postgresql_where=sa.text("partner_id IS NOT NULL"))
    op.drop_index(
        "deal_held", table_name="deal", postgresql_where=sa.text("held_until IS NOT NULL AND deleted_at IS NULL")
    )
    op.create_index(
        op.f("deal_late"),
        "deal",
        ["stage_id", "stage_since"],
        unique=False,
        postgresql_where="((closed_at IS NULL) AND (deleted_at IS NULL))",
        postgresql_include=["owner_id"],
    )
    op.create_index(
        op.f("deal_board"),
        "deal",
        ["funnel_id", "stage_id", "stage_since", "id"],
        unique=False,
        postgresql_where="((closed_at IS NULL) AND (deleted_at IS NULL))",
        postgresql_include=["owner_id", "amount", "production_on"],
    )
    op.drop_column("deal", "held_by_id")
    op.drop_column("deal", "held_reason")
    op.drop_column("deal", "held_until")
    op.drop_column("deal", "competitor")
    op.drop_column("deal", "lost_words")
    op.drop_column("deal", "partner_id")
    op.drop_index(
        "contact_beginning",
        table_name="contact_point",
        postgresql_ops={"value": "text_pattern_ops"},
        postgresql_where=sa.text("kind <> 'phone'"),
    )
    op.drop_column("consent", "words")
    op.drop_constraint("client_merged_into_id_fkey", "client", type_="foreignkey")
    op.drop_index("client_promo", table_name="client", postgresql_where=sa.text("promo <> '' AND deleted_at IS NULL"))
    op.drop_index("client_merged", table_name="client", postgresql_where=sa.text("merged_into_id IS NOT NULL"))
    op.drop_index("client_inn", table_name="client", postgresql_where=sa.text("inn <> ''"))
    op.drop_column("client", "merged_into_id")
    op.drop_column("client", "partner_percent")
    op.drop_column("client", "partner_terms")
    op.drop_column("client", "promo")
    op.drop_column("channel", "trouble_at")
    op.drop_column("channel", "trouble")
    op.drop_column("channel", "cursor")
    op.drop_column("channel", "secrets")
    op.add_column("ab_user", sa.Column("absent_until", sa.DATE(), autoincrement=False, nullable=True))
    op.add_column("ab_user", sa.Column("absent_from", sa.DATE(), autoincrement=False, nullable=True))
    op.drop_column("ab_user", "signature")
    op.drop_column("ab_user", "lead_turn")
    op.drop_column("ab_user", "lead_share")
    op.drop_index("visit_started", table_name="visit", postgresql_where=sa.text("deleted_at IS NULL"))
    op.drop_index("visit_of_person", table_name="visit", postgresql_where=sa.text("deleted_at IS NULL"))
    op.drop_index("visit_of_deal", table_name="visit")
    op.drop_index(
        "visit_given", table_name="visit", postgresql_where=sa.text("state = 'planned' AND deleted_at IS NULL")
    )
    op.drop_index(op.f("ix_visit_task_id"), table_name="visit")
    op.drop_index(op.f("ix_visit_lead_id"), table_name="visit")
    op.drop_index(op.f("ix_visit_client_id"), table_name="visit")
    op.drop_table("visit")
    op.drop_table("task_alert")
    op.drop_index("phone_call_entry", table_name="phone_call")
    op.drop_index(op.f("ix_phone_call_lead_id"), table_name="phone_call")
    op.drop_index(op.f("ix_phone_call_deal_id"), table_name="phone_call")
    op.drop_table("phone_call")
    op.drop_index("import_row_place", table_name="import_row")
    op.drop_table("import_row")
    op.drop_index(
        "conversation_unanswered", table_name="conversation", postgresql_where=sa.text("unanswered_since IS NOT NULL")
    )
    op.drop_index("conversation_of_lead", table_name="conversation", postgresql_where=sa.text("lead_id IS NOT NULL"))
    op.drop_index("conversation_of_deal", table_name="conversation", postgresql_where=sa.text("deal_id IS NOT NULL"))
    op.drop_index(
        "conversation_of_client", table_name="conversation", postgresql_where=sa.text("client_id IS NOT NULL")
    )
    op.drop_table("conversation")
    op.drop_index("participant_person", table_name="participant", postgresql_where=sa.text("person_id IS NOT NULL"))
    op.drop_index("participant_of_client", table_name="participant")
    op.drop_index("participant_client", table_name="participant", postgresql_where=sa.text("client_id IS NOT NULL"))
    op.drop_table("participant")
    op.drop_index("sorting_rule_place", table_name="sorting_rule", postgresql_nulls_not_distinct=True)
    op.drop_table("sorting_rule")
    op.drop_index("not_duplicate_b", table_name="not_duplicate")
    op.drop_table("not_duplicate")
    op.drop_index("merge_survivor", table_name="merge")
    op.drop_index("merge_loser", table_name="merge")
    op.drop_index("merge_batch", table_name="merge")
    op.drop_table("merge")
    op.drop_index("like_pair_open", table_name="like_pair", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("like_pair_b", table_name="like_pair")
    op.drop_table("like_pair")
    op.drop_table("work_hours")
    op.drop_index("work_person", table_name="work")
    op.drop_index("work_live", table_name="work", postgresql_where=sa.text("state IN ('waiting', 'running')"))
    op.drop_table("work")
    op.drop_index("recent_of_person", table_name="recent_view")
    op.drop_table("recent_view")
    op.drop_index(op.f("ix_push_device_person_id"), table_name="push_device")
    op.drop_table("push_device")
    op.drop_index("notice_address_mark", table_name="notice_address")
    op.drop_index(op.f("ix_notice_address_person_id"), table_name="notice_address")
    op.drop_table("notice_address")
    op.drop_index("lead_import_person", table_name="lead_import")
    op.drop_index(op.f("ix_lead_import_shape"), table_name="lead_import")
    op.drop_table("lead_import")
    op.drop_table("holiday")
    op.drop_index("feed_link_live", table_name="feed_link", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("feed_link")
    op.drop_index("absence_of_person", table_name="absence")
    op.drop_table("absence")
    op.drop_table("gone_bytes")
