"""What was given up can be sent again, with patience anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261126_send_again'
down_revision = '20261126_add_templates'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('delivery', sa.Column('again_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('delivery', 'again_at')
