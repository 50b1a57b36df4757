"""Lectern: the registration desk for public lectures, workshops and conferences."""

from __future__ import annotations

from apiflask import APIFlask
from flask import Response, g, request
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from app import cli, registry
from app.accounts.sign_in_cookie import COOKIE_NAMES, login_manager
from app.catalogue import unchanged
from app.core import db as database
from app.core import limits, logs, settings, turns
from app.core.desk_session import DeskSession
from app.core.http import answer, register_error_handlers
from app.core.i18n import add_to_templates, babel, gettext, spoken_locale
from app.core.pages import register_page_tools
from app.core.routing import Number
from app.core.security.csrf import is_forged
from app.core.security.headers import add_headers
from app.messaging import engine
from config import ROOT, Settings, read_settings


def create_app(values: Settings | None = None) -> APIFlask:
    """Build the application from `values` (default: the environment's settings).

    Raises `config.SettingError` when a setting is missing or wrong.
    """
    values = values or read_settings()
    app = APIFlask(
        "app",
        title="Lectern",
        version="1",
        root_path=str(ROOT / "app"),
        static_folder=str(ROOT / "static"),
        template_folder=str(ROOT / "templates"),
        docs_path=None,
        spec_path="/api/openapi.json",
    )
    app.session_interface = DeskSession()
    app.url_map.converters["number"] = Number
    settings.attach(app, values)
    limits.attach(app, values)
    app.config.from_mapping(_flask_config(values))
    logs.configure_logs(values.log_level)
    _add_extensions(app)
    registry.import_models()
    registry.register_blueprints(app)
    registry.register_messages()
    registry.register_health_checks()
    registry.register_periodic_deeds()
    engine.attach(app, values, registry.PERIODIC)
    register_error_handlers(app)
    register_page_tools(app, values)
    cli.register(app)
    _guard_requests(app, values)
    turns.attach(app, values.turns, values.max_body)
    unchanged.attach(app)
    if values.proxy_count:
        count = values.proxy_count
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _flask_config(values: Settings) -> dict[str, object]:
    engine: dict[str, object] = {"pool_size": values.database_pool, "max_overflow": values.database_pool}
    engine |= database.reading_options(values.database_url)
    if not values.embedded:
        engine["pool_timeout"] = 20
    return {
        "SECRET_KEY": values.secret_key,
        "SQLALCHEMY_DATABASE_URI": values.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine,
        "MAX_CONTENT_LENGTH": values.max_body,
        "MAX_FORM_MEMORY_SIZE": values.max_body,
        "MAX_FORM_PARTS": 500,
        "BABEL_DEFAULT_LOCALE": values.default_language,
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "app" / "translations"),
        "SESSION_COOKIE_NAME": "__Host-desk" if values.secure else "desk",
        "SESSION_COOKIE_SECURE": values.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PREFERRED_URL_SCHEME": "https" if values.secure else "http",
        "JSON_SORT_KEYS": False,
    }


def _add_extensions(app: APIFlask) -> None:
    database.db.init_app(app)
    with app.app_context():
        database.prepare_engine(database.db.engine)
    Migrate(app, database.db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    babel.init_app(app, locale_selector=spoken_locale)  # type: ignore[arg-type]  # a Locale needs no reading
    add_to_templates(app.jinja_env)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    # Its own init_app would look into the session after each answer, and so make every public page vary by cookie.
    app.login_manager = login_manager  # type: ignore[attr-defined]


def _guard_requests(app: APIFlask, values: Settings) -> None:
    """Refuse foreign hosts and forged requests before any view; add headers after each."""

    @app.before_request
    def _guard() -> Response | None:
        host = request.host.rpartition(":")[0] if request.host.rsplit(":", 1)[-1].isdecimal() else request.host
        if host.lower() not in values.trusted_hosts and not request.path.startswith("/health/"):
            return answer(400, "unknown_host")
        if "\0" in request.path:  # no address of ours has one, and PostgreSQL refuses to look for it
            return answer(404, "not_found")
        has_sign_in = any(name in request.cookies for name in COOKIE_NAMES)
        if is_forged(request, trusted_hosts=values.trusted_hosts, has_sign_in=has_sign_in):
            return answer(403, "forged", gettext("This request came from another site. Open our page and try again."))
        return None

    @app.after_request
    def _headers(response: Response) -> Response:
        add_headers(request, response, secure=values.secure)
        language = g.get("language")
        if language and response.mimetype == "text/html":
            response.headers.setdefault("Content-Language", language)
        return response
