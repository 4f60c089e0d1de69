"""`python -m benchmarks [NAME …] [--rounds N] [--size N] [--database NAME]`: print what was measured, as Markdown.

Lines come as they are measured. What a measurement claims and does not find ends it with exit code 1.
"""

import argparse
import os
import platform
import sys
import tempfile
import traceback
from importlib import import_module, metadata
from inspect import signature

from benchmarks.measuring import Untrue

DATABASES = ("sqlite", "postgres", "mariadb")
NAMES = {
    "render": "a render end to end against the recipe that projects copy",
    "memory": "1,000 renders in one process: what it holds",
    "storm": "10,000 saves on one chart, by database and engine: how often it is drawn, and what it shows",
    "saves": "what a watch adds to a save: the marks, and applying them",
    "waits": "open transactions over the same charts in opposite orders: deadlocks and waiting",
    "kill": "kill -9 of workers and writers during storms: wrong pictures, missing files, failed reads",
    "scale": "5,000 stale charts with one and two processes: throughput and memory",
    "poison": "charts that raise, hang, kill their process or eat memory, beside others, by engine; and their cure",
    "order": "slow renders of old data against fast ones of new, and data that comes back: in an order that is forced",
    "showing": "what a chart costs on a page, and 200 readers at once of one that nobody has drawn",
    "locks": "SQLite as Django sets it up, four processes: locked out with a watch and without",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="; ".join(f"{key}: {what}" for key, what in NAMES.items())
    )
    parser.add_argument("--rounds", type=int, help="how often each is measured; by default as often as is said")
    parser.add_argument("--size", type=int, help="how many saves or charts; by default as many as is said")
    parser.add_argument("--database", choices=DATABASES, action="append", help="only there; by default everywhere")
    options = parser.parse_args()
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}. Choices are: {', '.join(NAMES)}.")
    untrue: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        set_up(folder)
        print(versions(), flush=True)
        for name in options.names or NAMES:
            untrue += [f"{name}: {claim}" for claim in measured(name, options)]
    print("\n" + ("\n".join(f"NOT TRUE: {claim}" for claim in untrue) or "All that is claimed was found."))
    sys.exit(bool(untrue))


def measured(name: str, options: argparse.Namespace) -> list[str]:
    """Print what one measurement says; return what it claims and did not find."""
    run = import_module(f"benchmarks.{name}").run
    given = {"rounds": options.rounds, "size": options.size, "databases": options.database}
    taken = {key: value for key, value in given.items() if value is not None and key in signature(run).parameters}
    untrue = []
    try:
        for report in run(**taken):
            if isinstance(report, Untrue):
                untrue.append(str(report))
            else:
                print(f"\n{report}" if report.startswith("#") else report, flush=True)
    except Exception:  # noqa: BLE001  (whatever it was, the others go on)
        traceback.print_exc()
        untrue.append("it could not be measured")
    return untrue


def set_up(folder: str) -> None:
    """Make an empty project in a folder."""
    os.environ |= {"BENCHMARK_FOLDER": folder, "DJANGO_SETTINGS_MODULE": "benchmarks.settings", "MPLBACKEND": "agg"}
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)


def versions() -> str:
    """Say on what the numbers were measured."""
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in ("Django", "matplotlib", "numpy", "Pillow"))
    return f"Python {platform.python_version()}, {packages}, {os.cpu_count()} cores, {sys.platform}"


if __name__ == "__main__":
    main()
