"""System checks: what would only be seen in production, said at start and with the way out.

None of them imports matplotlib, opens a storage or makes a query, but those that `check --deploy` asks for.
"""

from django.core import checks

from charts.checks import classes, configuration, databases, fonts, pictures, showing, storages, watching

TAG = "charts"
ORDINARY = (
    configuration.check_settings,
    configuration.check_dispatcher,
    configuration.check_can_view,
    configuration.check_themes,
    classes.check_classes,
    classes.check_proxies,
    watching.check_watches,
    pictures.check_pictures,
    storages.check_storages,
    databases.check_databases,
    showing.check_urls,
    showing.check_permissions,
    showing.check_sendfile,
    fonts.check_folders,
)
# Facts of a production machine, and what costs an import of matplotlib: a new project hears nothing of them.
DEPLOY = (databases.check_sqlite, configuration.check_rcparams, configuration.check_timeout)


def connect() -> None:
    """Register the checks."""
    for check in ORDINARY:
        checks.register(check, TAG)
    for check in DEPLOY:
        checks.register(check, TAG, deploy=True)
