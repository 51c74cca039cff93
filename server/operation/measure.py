"""What /metrics says: counters of all web processes, and gauges read from the database when asked."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from time import monotonic

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from server.audit.models import AuditEvent, AuditLink
from server.evidence.custody import queries as custody
from server.evidence.custody.models import OriginalOpening
from server.kit import clock
from server.kit.db import Database
from server.kit.jobs import Job
from server.messages.models import Delivery
from server.messages.rules import DeliveryState
from server.operation import health, observe
from server.photos.models import Upload
from server.reports.models import Report

FRESH_S = 10.0  # counting a million reports at every scrape of every watcher would be work for nothing
UNCHAINED_WINDOW = 10_000  # events that may have committed after a later one was chained


class Gauges(Collector):
    """Read from the database at most every FRESH_S seconds, in one snapshot."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database, self._folder = database, folder
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._last: list[Metric] = []

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if monotonic() - self._read_at > FRESH_S:
                self._last = [*self._from_database(), *self._from_disk()]
                self._read_at = monotonic()
            yield from self._last

    def _from_database(self) -> Iterator[Metric]:
        with self._database.snapshot() as db:
            reports = _labelled("dudao_reports", "Reports by state", "state")
            for state, count in db.execute(sa.select(Report.state, sa.func.count()).group_by(Report.state)):
                reports.add_metric([state.value], count)
            jobs = _labelled("dudao_jobs", "Jobs by state", "state")
            for job_state, count in db.execute(sa.select(Job.state, sa.func.count()).group_by(Job.state)):
                jobs.add_metric([job_state.value], count)
            deliveries = _labelled("dudao_deliveries", "E-mails and webhook calls that did not go out, by state", "state")
            not_sent = sa.select(Delivery.state, sa.func.count()).where(Delivery.state != DeliveryState.SENT)
            for delivery_state, count in db.execute(not_sent.group_by(Delivery.state)):
                deliveries.add_metric([delivery_state.value], count)
            open_uploads = db.scalar(sa.select(sa.func.count()).where(Upload.finished_at.is_(None)))
            unchained = db.scalar(_oldest_unchained())
            waiting = db.scalar(sa.select(sa.func.min(OriginalOpening.at)).where(OriginalOpening.event_id.is_(None)))
            checked = custody.last_check(db)
        yield reports
        yield jobs
        yield deliveries
        yield _plain("dudao_uploads_open", "Uploads that are not finished", open_uploads or 0)
        waited = 0.0 if unchained is None else (clock.now() - unchained).total_seconds()
        yield _plain("dudao_audit_unchained_seconds", "Age of the oldest audit event that is not chained yet", waited)
        waited = 0.0 if waiting is None else (clock.now() - waiting).total_seconds()
        yield _plain("dudao_custody_waiting_seconds", "Age of the oldest opening that is not in the audit trail yet", waited)
        if checked is not None and checked.finished_at is not None:  # none: originals were never hashed again
            yield _plain("dudao_evidence_verified_at", "When originals were last hashed again, seconds since 1970",
                         checked.finished_at.timestamp())
            yield _plain("dudao_evidence_checked", "How many originals that check hashed", checked.checked)
            yield _plain("dudao_evidence_differences", "How many of them were missing or changed", checked.differences)
        yield _plain("dudao_job_oldest_due_seconds", "How long the job that waits longest has been due",
                     health.oldest_due(self._database))

    def _from_disk(self) -> Iterator[Metric]:
        self._folder.mkdir(parents=True, exist_ok=True)
        usage = shutil.disk_usage(self._folder)
        yield _plain("dudao_disk_free_bytes", "Free bytes where uploads are kept", usage.free)
        yield _plain("dudao_disk_total_bytes", "Size of the disk where uploads are kept", usage.total)


def _oldest_unchained() -> sa.Select[datetime]:
    chained_to = sa.select(sa.func.coalesce(sa.func.max(AuditLink.event_id), 0)).scalar_subquery()
    return (
        sa.select(sa.func.min(AuditEvent.at))
        .outerjoin(AuditLink, AuditLink.event_id == AuditEvent.id)
        .where(AuditEvent.id > chained_to - UNCHAINED_WINDOW, AuditLink.event_id.is_(None))
    )


def _labelled(name: str, meaning: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, labels=[label])


def _plain(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)


def text(gauges: Gauges) -> bytes:
    """The exposition in Prometheus' text format."""
    counters = observe.REGISTRY
    if values.ValueClass is not values.MutexValue:  # server/web.py gave all web processes one folder to add up in
        counters = CollectorRegistry()
        MultiProcessCollector(counters)  # type: ignore[no-untyped-call]
    database = CollectorRegistry(auto_describe=False)
    database.register(gauges)
    return generate_latest(counters) + generate_latest(database)
