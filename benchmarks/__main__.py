"""`python -m benchmarks [NAME …] [--rounds N]`: print what was measured, as Markdown."""

import argparse
import os
import platform
import sys
import tempfile
from importlib import import_module, metadata

NAMES = {
    "render": "a render end to end against the recipe that projects copy",
    "memory": "1,000 renders in one process: what it holds",
    "storm": "10,000 saves on one chart, by database and engine: how often it is drawn, and what it shows",
    "saves": "what a watch adds to a save: the marks, and applying them",
    "waits": "open transactions over the same charts in opposite orders: deadlocks and waiting",
    "kill": "kill -9 of workers and writers during storms: wrong pictures, missing files, failed reads",
    "scale": "5,000 stale charts with one and two processes: throughput and memory",
    "showing": "what a chart costs on a page, and 200 readers at once of one that nobody has drawn",
    "locks": "SQLite as Django sets it up, four processes: locked out with a watch and without",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="; ".join(f"{key}: {what}" for key, what in NAMES.items())
    )
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}. Choices are: {', '.join(NAMES)}.")
    with tempfile.TemporaryDirectory() as folder:
        set_up(folder)
        print(versions())
        for name in options.names or NAMES:
            for report in import_module(f"benchmarks.{name}").run(options.rounds):
                print(f"\n{report}" if report.startswith("#") else report, flush=True)


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
