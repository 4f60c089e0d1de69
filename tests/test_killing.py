"""Kill -9 before every statement, commit and storage call: no picture is ever lost, none is left behind.

For each barrier: one chart that shows 1; a process does something to it and is killed from outside at that barrier;
then others look. Barriers are counted on until the process gets through. Of four databases each takes every fourth
barrier, so that all are hit; `CHARTS_KILL_STEP=1` hits all on each.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests import services
from tests.healing import SCENARIOS
from tests.killing.parent import Victim

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# Not synchronous: the process is killed, not the machine.
SQLITE = {
    "deferred": {"timeout": 20, "init_command": "PRAGMA synchronous=OFF;"},
    "immediate, write-ahead log": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
    },
}
PROCESSES, TURNS = 4, 8
STEP = int(os.environ.get("CHARTS_KILL_STEP", "4"))
SERVERS = [pytest.param(name, marks=pytest.mark.services) for name in ("postgres", "mariadb")]


@pytest.fixture(params=[*SQLITE, *SERVERS])
def own_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Give a database that only the killed process uses."""
    if request.param in SQLITE:
        yield {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(tmp_path / "killed.sqlite3"),
            "OPTIONS": SQLITE[request.param],
        }
        return
    services.need(request.param)
    request.getfixturevalue("transactional_db")
    yield from _made(request.param)


def _made(alias: str) -> Iterator[dict[str, Any]]:
    connection = connections[alias]
    chosen = connection.settings_dict
    name = f"{chosen['NAME']}_killed"
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {quoted}")
        cursor.execute(f"CREATE DATABASE {quoted}")
    keys = ("ENGINE", "HOST", "PORT", "USER", "PASSWORD", "OPTIONS")
    yield {**{key: chosen[key] for key in keys if chosen.get(key)}, "NAME": name}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {quoted}")


@pytest.fixture
def first(request: pytest.FixtureRequest) -> int:
    """Return the first barrier that this database takes."""
    return [*SQLITE, "postgres", "mariadb"].index(request.node.callspec.params["own_database"]) % STEP + 1


def killed_everywhere(victim: Victim, scenario: str, first: int) -> Iterator[tuple[str, list[Any]]]:
    """Yield each barrier at which the process was killed, and what was found wrong afterwards."""
    for stop_at in count(first, STEP):
        barrier = victim.kill(scenario, stop_at)
        if not barrier:
            return
        found = victim.order("verify")[-1]
        # What an open transaction has written is known to nobody but a scan.
        left = found["left_after_a_scan" if scenario == "render_in_a_transaction" else "left"]
        yield barrier, [*found["faults"], *(["files are left"] if left or found["left_after_a_scan"] else [])]


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_process_killed_anywhere_leaves_the_last_good_picture_and_no_trace(
    own_database: dict[str, Any], first: int, tmp_path: Path
) -> None:
    with Victim(own_database, tmp_path / "media", tmp_path / "warm") as victim:
        found = {scenario: list(killed_everywhere(victim, scenario, first)) for scenario in SCENARIOS}
    wrong = [(scenario, *each) for scenario, all_found in found.items() for each in all_found if each[1]]
    assert wrong == []
    for scenario, all_found in found.items():
        assert len(all_found) > 10 / STEP, scenario
    assert {"COMMIT", "committed"} <= {barrier for all_found in found.values() for barrier, _ in all_found}


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_four_processes_at_one_chart_never_fail_and_end_right(own_database: dict[str, Any], tmp_path: Path) -> None:
    """On SQLite in its default mode, who reads before he writes fails at once when others write meanwhile."""
    with ExitStack() as stack, ThreadPoolExecutor(PROCESSES) as threads:
        victims = [
            stack.enter_context(Victim(own_database, tmp_path / "media", tmp_path / f"warm{number}"))
            for number in range(PROCESSES)
        ]
        victims[0].order("reset")
        list(threads.map(lambda victim: victim.order("hammer", times=TURNS), victims))
        found = victims[0].order("verify")[-1]
    assert found == {"faults": [], "left": 0, "left_after_a_scan": 0}
