"""The composition root: one Flask application out of settings, ground, security, queue and doors."""

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

import models  # noqa: F401  (every table is known before the first query)
from app import cli, errors, files, headers, limits, queue, sessions, wording
from app.security import CrmSecurityManager
from config import Config
from models.ground.base import db
from views import register_views, shell
from views import security as security_views

migrate = Migrate(compare_type=True)


def create_app(config: Config | None = None) -> Flask:
    """Build the application; with no settings given they are read from the environment."""
    config = config or Config.from_env()
    app = Flask("app", template_folder="templates", static_folder="static")
    app.config.update(config.flask())
    app.config["CRM"] = config
    if config.BEHIND_PROXY:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    db.init_app(app)
    migrate.init_app(app, db, directory="models/migrations")
    for part in (headers, errors, sessions, limits, queue, files, wording, shell, cli):
        part.init_app(app)
    with app.app_context():
        CrmSecurityManager.use_views(security_views)
        register_views(AppBuilder(app, db.session, security_manager_class=CrmSecurityManager))
        # A socket opened here would be shared by every forked worker (fab.md, trap 2).
        db.session.remove()
        db.engine.dispose()
    return app
