"""Verified work rests on evidence: approved reports with photos. Visits of void reports are visits no more."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = '20261126_add_work_evidence'
down_revision = '20261126_add_deliveries'
branch_labels = None
depends_on = None

KINDS = ('facade', 'cable_burial', 'illegal_demolition', 'greening', 'road', 'energy_retrofit', 'water_drainage',
         'power_low_voltage', 'lift', 'parking', 'ebike_shed', 'age_friendly', 'service_centre', 'public_square', 'park')
STAGES = ('not_started', 'in_progress', 'suspended', 'completed', 'accepted')


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _work_item(*more: object) -> sa.Table:
    # SQLite makes the table anew and knows of checks only what stands here
    naming = {'ck': 'ck_%(table_name)s_%(constraint_name)s'}
    return sa.Table(
        'work_item', sa.MetaData(naming_convention=naming),
        sa.Column('site_id', sa.Uuid(), nullable=False),
        sa.Column('type', _enum('worktype', KINDS), nullable=False),
        sa.Column('quantity', sa.Double(), nullable=False),
        sa.Column('unit', sa.Text(), nullable=False),
        sa.Column('contract_price_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('planned', sa.Double(), nullable=False),
        sa.Column('reported', sa.Double(), nullable=False),
        sa.Column('verified', sa.Double(), nullable=False),
        sa.Column('stage', _enum('stage', STAGES), nullable=False),
        sa.CheckConstraint('planned >= 0 and reported >= 0 and verified >= 0', name=op.f('ck_work_item_quantities')),
        sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_work_item_site_id')),
        sa.PrimaryKeyConstraint('site_id', 'type', name=op.f('pk_work_item')),
        *more,
    )


def upgrade() -> None:
    op.create_table(
        'work_evidence',
        sa.Column('site_id', sa.Uuid(), nullable=False),
        sa.Column('type', _enum('worktype', KINDS), nullable=False),
        sa.Column('report_id', sa.Uuid(), nullable=False),
        sa.Column('report_number', sa.Text(), nullable=False),
        sa.Column('revision', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('approved_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_work_evidence_site_id')),
        sa.PrimaryKeyConstraint('site_id', 'type', 'report_id', name=op.f('pk_work_evidence')),
    )
    op.create_index('ix_work_evidence_report_id', 'work_evidence', ['report_id'])
    op.add_column('work_item', sa.Column('verified_entered', sa.Double(), nullable=True))
    op.execute('update work_item set verified_entered = verified')
    _evidence_of_approved_reports()
    _count_only_what_is_proven()
    with op.batch_alter_table(
        'work_item', copy_from=_work_item(sa.Column('verified_entered', sa.Double(), nullable=True))
    ) as batch:
        batch.alter_column('verified_entered', existing_type=sa.Double(), nullable=False)
        batch.create_check_constraint(op.f('ck_work_item_verified'), 'verified = 0 or verified = verified_entered')
    op.execute("""
        update site set last_visit_at = (
          select max(case when finished_at < first_submitted_at then finished_at else first_submitted_at end)
          from report where report.site_id = site.id and state <> 'void' and first_submitted_at is not null)
        where last_visit_at is not null
    """)


def _evidence_of_approved_reports() -> None:
    db = op.get_bind()
    for code, version, content in db.execute(sa.text('select code, version, content from checklist_version')).all():
        kinds = json.loads(content)['work_types']
        if len(kinds) == len(KINDS):  # goes for every kind of work: looks at none in particular
            continue
        for kind in kinds:
            db.execute(sa.text("""
                insert into work_evidence (site_id, type, report_id, report_number, revision, approved_at)
                select site_id, :kind, id, number, revision, decided_at from report
                where state = 'approved' and photos_received > 0 and checklist_code = :code and checklist_version = :version
            """), {'kind': kind, 'code': code, 'version': version})


def _count_only_what_is_proven() -> None:
    db = op.get_bind()
    item = sa.table('work_item', sa.column('site_id', sa.Uuid()), sa.column('type'), sa.column('verified', sa.Double()))
    proof = sa.table('work_evidence', sa.column('site_id', sa.Uuid()), sa.column('type'))
    change = sa.table(
        'site_change', sa.column('site_id', sa.Uuid()), sa.column('at', sa.DateTime(timezone=True)), sa.column('field'),
        sa.column('before'), sa.column('after'), sa.column('source'),
    )
    unproven = sa.and_(
        item.c.verified > 0, ~sa.exists().where(proof.c.site_id == item.c.site_id, proof.c.type == item.c.type)
    )
    # as the programme stood on a day that has passed is worked out from what was there before each change
    now = datetime.now(UTC)
    changes = [
        {'site_id': site_id, 'at': now, 'field': f'work_items.{kind}.verified', 'source': 'evidence',
         'before': json.dumps({'value': verified}), 'after': json.dumps({'value': 0.0})}
        for site_id, kind, verified in db.execute(sa.select(item.c.site_id, item.c.type, item.c.verified).where(unproven))
    ]
    if changes:
        db.execute(sa.insert(change), changes)
        db.execute(sa.update(item).where(unproven).values(verified=0.0))


def downgrade() -> None:
    op.execute('update work_item set verified = verified_entered')
    check = sa.CheckConstraint('verified = 0 or verified = verified_entered', name=op.f('ck_work_item_verified'))
    with op.batch_alter_table(
        'work_item', copy_from=_work_item(sa.Column('verified_entered', sa.Double(), nullable=False), check)
    ) as batch:
        batch.drop_constraint(op.f('ck_work_item_verified'), type_='check')
        batch.drop_column('verified_entered')
    op.drop_index('ix_work_evidence_report_id', 'work_evidence')
    op.drop_table('work_evidence')
