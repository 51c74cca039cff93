"""What create_app puts together: features in order, hooks from lower features to higher ones, shared extensions."""

from __future__ import annotations

from flask import Flask, Request

from config import Config
from server.kit.actor import Actor
from server.kit.http import Routes
from server.kit.prepared import Asker
from server.kit.storage import make_store


def features() -> list[Routes]:
    """Every feature's routes, lowest first."""
    from server.accounts.people_routes import routes as people
    from server.accounts.routes import routes as accounts
    from server.audit.routes import routes as audit
    from server.checklists.routes import routes as checklists
    from server.documents.routes import routes as documents
    from server.evidence.custody.routes import routes as custody
    from server.evidence.likeness.routes import routes as likeness
    from server.evidence.sampling.routes import routes as second_looks
    from server.evidence.settling.routes import routes as flags
    from server.evidence.stamping.routes import routes as stamping
    from server.exports.routes import routes as exports
    from server.issues.move_routes import routes as issue_moves
    from server.issues.paper_routes import routes as papers
    from server.issues.routes import routes as issues
    from server.messages.routes import routes as messages
    from server.messages.webhook_routes import routes as webhooks
    from server.operation.job_routes import routes as jobs
    from server.operation.routes import routes as operation
    from server.operation.settings_routes import routes as settings
    from server.photos.redaction_routes import routes as redactions
    from server.photos.routes import photos, uploads
    from server.programme.overview_routes import routes as overview
    from server.programme.policy_routes import routes as policy
    from server.programme.routes import routes as sites
    from server.reports.paper_routes import routes as report_papers
    from server.reports.routes import routes as reports
    from server.residents.page_routes import routes as residents_page
    from server.residents.routes import routes as residents
    from server.retention.routes import routes as retention
    from server.reviews.routes import routes as reviews
    from server.sync.routes import routes as sync
    from server.weekly.routes import routes as weekly

    return [
        audit, accounts, people, messages, webhooks, sites, overview, policy, checklists, uploads, photos, redactions, reports,
        report_papers, issues, issue_moves, custody, flags, likeness, second_looks, stamping, residents, residents_page,
        reviews, documents, papers, weekly, exports, retention, sync, jobs, settings, operation,
    ]


def hooks() -> None:
    """Let what flows upwards flow: photos tells reports that a photo is stored, and so on."""
    from server.accounts import hooks as accounts
    from server.accounts import queries as people
    from server.audit import hooks as audit
    from server.documents import templates
    from server.documents.rules import TemplateKind
    from server.evidence.custody import opened as custody
    from server.evidence.facts import asking as facts
    from server.evidence.likeness import service as likeness
    from server.issues import entries as issue_entries
    from server.issues import hooks as issues
    from server.issues import queries as issue_queries
    from server.photos import hooks as photos
    from server.programme import queries as programme
    from server.programme import service as programme_service
    from server.reports import hooks as report_hooks
    from server.reports import queries as report_queries
    from server.reports import routes as report_routes
    from server.reports import service as reports
    from server.residents import queries as resident_queries
    from server.residents import service as residents
    from server.reviews import queries as reviews
    from server.weekly.paper import drawing as weekly_paper

    photos.on_stored(reports.photo_stored)
    photos.on_refused(reports.photo_refused)
    photos.on_holder_of(reports.holder_of)
    photos.on_expected(reports.expected_bytes)
    photos.on_stored(issue_entries.photo_stored)
    photos.on_refused(issue_entries.photo_refused)
    photos.on_holder_of(issue_entries.holder_of)
    photos.on_expected(issue_entries.expected_bytes)
    photos.on_read(facts.photo_read)
    photos.on_opened(custody.looked_at)
    photos.on_stored(likeness.photo_stored)
    photos.on_read(likeness.original_read)
    photos.register_holder("report", report_queries.visible_ids, report_queries.places())
    photos.register_holder("issue", issue_queries.visible_ids, issue_queries.places(), issue_queries.shown_to)
    photos.register_place("entry", issue_entries.places())
    report_routes.history_hooks[:] = [reviews.history]
    reports.completed_hooks[:], reports.voided_hooks[:] = (
        [facts.completed, likeness.report_changed], [facts.voided, likeness.report_changed]
    )
    report_hooks.DECISIONS[:] = [reviews.history]
    report_hooks.OPENED[:] = [issue_queries.opened_by]

    templates.DRAWERS[TemplateKind.WEEKLY_REPORT] = templates.Drawer(weekly_paper.default_template, weekly_paper.tried)
    # Lists are filled and not added to: create_app may run several times in one process.
    accounts.district_hooks[:] = [programme.district_names]
    accounts.handover_hooks[:] = [programme_service.hand_over]
    audit.names_hooks[:] = [people.names_of]
    issues.CLOSED[:] = [residents.asked_on_closing]
    issues.TAKEN[:] = [facts.taken]
    issues.RESIDENTS[:] = [resident_queries.shown_with_issues]
    _retention()


def _retention() -> None:
    """What is under a hold is not forgotten below either; what was removed stands in the chain of custody."""
    from server.evidence.custody import hooks as custody
    from server.residents import hooks as residents
    from server.retention import queries as retention

    custody.STEPS[:] = [retention.steps_of]
    residents.HELD[:] = [retention.held_issues]


def jobs() -> None:
    """Import every module that does jobs, so that the worker knows their kinds and the web what may wait."""
    import server.accounts.jobs
    import server.audit.jobs
    import server.evidence.custody.jobs
    import server.evidence.facts.jobs
    import server.evidence.likeness.jobs
    import server.evidence.sampling.jobs
    import server.exports.jobs
    import server.issues.jobs
    import server.messages.jobs
    import server.operation.jobs
    import server.photos.jobs
    import server.reports.jobs
    import server.residents.jobs
    import server.retention.jobs
    import server.weekly.attaching
    import server.weekly.schedule  # noqa: F401


def authenticate(db: Asker, request: Request, linkable: bool) -> Actor:
    from server.accounts import service

    return service.authenticate(db, request, linkable)


def extensions(app: Flask, conf: Config) -> None:
    """Sign-in tokens, the store of files, the spool of openings, the line each request leaves in the log, compressed
    answers."""
    from server.accounts import passwords
    from server.evidence.custody import opened
    from server.kit import compression, tokens
    from server.operation import observe

    compression.set_up(app)
    observe.set_up(app)
    tokens.set_up(app, conf)
    passwords.set_up(conf.argon2_memory_kib, conf.argon2_time)
    app.extensions["dudao-store"] = make_store(conf)
    app.extensions["dudao-custody"] = opened.make_spool(conf, app.extensions["dudao"].database)


def commands(app: Flask) -> None:
    """`flask --app server …`."""
    from server import cli

    cli.register(app)


def tables() -> None:
    """Import every module that declares tables, so that the metadata is complete."""
    import server.accounts.models
    import server.audit.models
    import server.checklists.models
    import server.documents.models
    import server.evidence.custody.models
    import server.evidence.facts.models
    import server.evidence.likeness.models
    import server.evidence.sampling.models
    import server.exports.models
    import server.issues.models
    import server.kit.changes
    import server.kit.jobs
    import server.messages.models
    import server.photos.models
    import server.programme.models
    import server.programme.policy_models
    import server.reports.models
    import server.residents.models
    import server.retention.models
    import server.reviews.models
    import server.weekly.models  # noqa: F401
