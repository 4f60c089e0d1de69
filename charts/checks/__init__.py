"""System checks: what would only be seen in production, said at start and with the way out.

None of them opens a storage or makes a query, but those that `check --deploy` asks for; none imports matplotlib, but
that of `CHARTS["THEMES"]` where a project has such.
"""

from django.core import checks

from charts import models
from charts.checks import classes, configuration, databases, fonts, keys, pictures, showing, storages, watching

TAG = "charts"
ORDINARY = (
    configuration.check_settings,
    configuration.check_dispatcher,
    configuration.check_can_view,
    configuration.check_themes,
    classes.check_classes,
    classes.check_proxies,
    keys.check_keys,
    watching.check_watches,
    pictures.check_pictures,
    storages.check_storages,
    databases.check_databases,
    showing.check_urls,
    showing.check_media,
    showing.check_permissions,
    showing.check_sendfile,
    fonts.check_folders,
)
# Facts of a production machine: a new project hears nothing of them.
DEPLOY = (databases.check_sqlite, configuration.check_timeout)


def connect() -> None:
    """Register the checks, and have classes that no registry of apps has, a test's say, checked by themselves."""
    if classes.check_unregistered not in models.CLASS_CHECKS:
        models.CLASS_CHECKS.append(classes.check_unregistered)
    for check in ORDINARY:
        checks.register(check, TAG)
    for check in DEPLOY:
        checks.register(check, TAG, deploy=True)
