"""A process that can be killed: forks for each order, and tells of every barrier before it passes it.

Run as `python -m tests.killing.child <settings as JSON>`. Orders come as JSON lines on standard input; what is told
goes as JSON lines to standard output. Everything is imported before the first fork, so that each order costs
milliseconds; no connection is opened before it.
"""

import json
import os
import signal
import sys
import traceback
from typing import Any


def tell(**words: Any) -> None:
    """Write one line, whole, for the parent."""
    os.write(1, json.dumps(words).encode() + b"\n")


def set_up(database: dict[str, Any], media: str) -> None:
    """Be a project with the shop and nothing else."""
    import django
    from django.conf import settings

    from tests.storages import storage_of

    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "charts", "tests.shop"],
        DATABASES={"default": database, "warm": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DATABASE_ROUTERS=["tests.services.Router"],
        MEDIA_ROOT=media,
        STORAGES=storage_of("tests.barriers.Stepped"),
        CHARTS={"KEEP_OLD_FILES": 0},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SECRET_KEY="killing",
        USE_TZ=True,
    )
    django.setup()


def move_to(media: str) -> None:
    """Use another folder from now on."""
    from django.conf import settings
    from django.core.signals import setting_changed

    settings.MEDIA_ROOT = media
    setting_changed.send(sender=None, setting="MEDIA_ROOT", value=media, enter=True)


def warm_up() -> None:
    """Do everything once in a database of one's own, so that no child need import or compile anything."""
    import gc

    from django.core.management import call_command
    from django.db import connections

    from tests import healing
    from tests.services import Router

    Router.alias = "warm"
    call_command("migrate", "--database=warm", run_syncdb=True, verbosity=0)
    for scenario in healing.SCENARIOS.values():
        scenario(healing.new_balance())
        assert not list(healing.faults_now())
        assert not list(healing.faults_after_a_sweep("warm"))
        call_command("prune_charts", grace="0", database="warm", verbosity=0)
    connections["warm"].close()
    Router.alias = "default"
    gc.freeze()


def prepare() -> None:
    """Make the tables."""
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)


def reset() -> None:
    """Begin again: one chart, which shows 1, in an empty storage."""
    import shutil

    from django.conf import settings
    from django.db import connection

    from charts.ledger import Job, LooseFile, Mark
    from tests.healing import new_balance
    from tests.shop.models import Account, Balance, Entry

    for model in (Balance, Entry, Account, Mark, Job, LooseFile):
        model.objects.all()._raw_delete("default")  # type: ignore[attr-defined]  # private to Django, and quick
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    new_balance()
    connection.close()


def act(scenario: str, stop_at: int) -> None:
    """Do something to a new chart, up to a barrier: there, wait to be killed."""
    from django.db import connection

    from tests.barriers import barriers
    from tests.healing import SCENARIOS
    from tests.shop.models import Balance

    reset()
    chart = Balance.objects.get()

    def reach(number: int, name: str) -> None:
        tell(at=number, name=name)
        while number == stop_at:
            signal.pause()

    with barriers("default", reach):
        SCENARIOS[scenario](chart)
    connection.close()


def hammer(times: int) -> None:
    """Change the data and render, again and again, beside others who do the same."""
    from django.db import connection, transaction

    from charts import dispatch
    from tests.shop.models import Balance, Entry
    from tests.tools import key_of

    chart = Balance.objects.get()
    for turn in range(times):
        with transaction.atomic():
            Entry.objects.create(account_id=chart.account_id, amount=turn)
        chart.render(force=bool(turn % 2))
        dispatch.run(key_of(chart))
    connection.close()


def verify() -> None:
    """Tell what is wrong, in the order in which people would find out."""
    from django.core.management import call_command
    from django.db import connection

    from tests import healing

    faults = list(healing.faults_now())
    faults += healing.faults_after_a_sweep("default")
    healing.make_old("default")
    call_command("prune_charts", grace="0", verbosity=0)
    faults += healing.faults_after_pruning("default")
    left = healing.left_over()
    call_command("prune_charts", grace="0", scan=True, verbosity=0)
    connection.close()
    tell(faults=faults, left=len(left), left_after_a_scan=len(healing.left_over()))


ORDERS = {"prepare": prepare, "reset": reset, "act": act, "hammer": hammer, "verify": verify}


def obey(order: str, arguments: dict[str, Any]) -> None:
    """Fork, let the child do what is ordered, and tell how it ended."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            ORDERS[order](**arguments)
            status = 0
        except BaseException:  # noqa: BLE001  (told, and the parent fails the test)
            tell(error=traceback.format_exc())
        finally:
            os._exit(status)
    tell(pid=child)
    _, status = os.waitpid(child, 0)
    tell(ended=os.waitstatus_to_exitcode(status))


def main() -> None:
    config = json.loads(sys.argv[1])
    set_up(config["database"], config["warm"])
    warm_up()
    move_to(config["media"])
    tell(ready=True)
    for line in sys.stdin:
        order = json.loads(line)
        obey(order.pop("order"), order)


if __name__ == "__main__":
    main()
