"""A photo that came in one request is its own finished upload."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261125_photo_is_its_upload'
down_revision = '20261125_find_audit_by_id'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('photo', sa.Column('upload_header', sa.Text(), nullable=True))
    op.add_column('photo', sa.Column('upload_expires_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('photo', 'upload_expires_at')
    op.drop_column('photo', 'upload_header')
