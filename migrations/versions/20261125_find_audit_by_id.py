"""Find the trail of an object by its id alone."""

from __future__ import annotations

from alembic import op


revision = '20261125_find_audit_by_id'
down_revision = '20261123_create_everything'
branch_labels = None
depends_on = None


# One index in place of the other: every verb writes into it, and an id seldom stands for two kinds.
def upgrade() -> None:
    op.drop_index('ix_audit_event_object', 'audit_event')
    op.create_index('ix_audit_event_object_id_id', 'audit_event', ['object_id', 'id'])


def downgrade() -> None:
    op.drop_index('ix_audit_event_object_id_id', 'audit_event')
    op.create_index('ix_audit_event_object', 'audit_event', ['object_kind', 'object_id', 'id'])
