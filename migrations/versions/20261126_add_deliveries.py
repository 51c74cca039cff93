"""What goes out by e-mail and webhook, and the webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261126_add_deliveries'
down_revision = '20261126_add_policy'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('outlet',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('open_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('held_by', sa.Uuid(), nullable=True),
    sa.Column('failures', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_outlet'))
    )
    op.create_table('webhook',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('preset', sa.Enum('standard', 'wecom', 'dingtalk', name='preset', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('secret', sa.Text(), nullable=True),
    sa.Column('kinds', sa.Text(), nullable=False),
    sa.Column('districts', sa.Text(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook')),
    sa.UniqueConstraint('name', name=op.f('uq_webhook_name'))
    )
    op.create_table('delivery',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Enum('email', 'webhook', name='channel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('webhook_id', sa.Uuid(), nullable=True),
    sa.Column('outlet', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('facts', sa.Text(), nullable=False),
    sa.Column('district_code', sa.Text(), nullable=True),
    sa.Column('state', sa.Enum('waiting', 'sending', 'sent', 'parked', 'skipped', name='deliverystate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('repeats', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('taken_by', sa.Uuid(), nullable=True),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(channel = 'email' and person_id is not null and webhook_id is null) or (channel = 'webhook' and webhook_id is not null and person_id is null)", name=op.f('ck_delivery_one_target')),
    sa.CheckConstraint("(state = 'sending') = (taken_by is not null)", name=op.f('ck_delivery_taken')),
    sa.CheckConstraint("(state = 'sent') = (sent_at is not null)", name=op.f('ck_delivery_sent_at')),
    sa.CheckConstraint("state not in ('parked', 'skipped') or why is not null", name=op.f('ck_delivery_why')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_delivery_person_id')),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhook.id'], name=op.f('fk_delivery_webhook_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('person_id', 'key', name=op.f('uq_delivery_person_id_key')),
    sa.UniqueConstraint('webhook_id', 'key', name=op.f('uq_delivery_webhook_id_key'))
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.create_index('ix_delivery_outlet_state_id', ['outlet', 'state', 'id'], unique=False)
        batch_op.create_index('ix_delivery_webhook_id_id', ['webhook_id', 'id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_index('ix_delivery_webhook_id_id')
        batch_op.drop_index('ix_delivery_outlet_state_id')

    op.drop_table('delivery')
    op.drop_table('webhook')
    op.drop_table('outlet')
