"""Gives orders to a process that can be killed, and kills it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]


class Victim:
    """A process that does what it is ordered to, in a fork each; a context manager.

    Args:
        database: a `DATABASES` entry of its own.
        media: an empty folder.
        warm: another one, that only this process uses.
    """

    def __init__(self, database: dict[str, Any], media: Path, warm: Path) -> None:
        config = json.dumps({"database": database, "media": str(media), "warm": str(warm)})
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.killing.child", config],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        )

    def __enter__(self) -> Self:
        assert self._heard()["ready"]
        self.order("prepare")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            pipe.close()
        if self.process.wait(10) and error is None:
            raise RuntimeError("The process that gives birth to the killed ones died itself.")

    def order(self, order: str, **arguments: Any) -> list[dict[str, Any]]:
        """Have something done; return all that was told of it."""
        told = list(self._told(order, arguments))
        assert told[-1] == {"ended": 0}, told
        return told[:-1]

    def kill(self, scenario: str, stop_at: int) -> str:
        """Have something done, and kill it at a barrier; return the barrier's name, or "" if it got through."""
        pid, killed = 0, ""
        for words in self._told("act", {"scenario": scenario, "stop_at": stop_at}):
            pid = words.get("pid", pid)
            if words.get("at") == stop_at:
                os.kill(pid, signal.SIGKILL)
                killed = words["name"]
            if "ended" in words:
                assert words["ended"] == (-signal.SIGKILL if killed else 0), words
        return killed

    def _told(self, order: str, arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"order": order, **arguments}) + "\n")
        self.process.stdin.flush()
        while "ended" not in (words := self._heard()):
            assert "error" not in words, words["error"]
            yield words
        yield words

    def _heard(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "The process that gives birth to the killed ones died itself."
        words: dict[str, Any] = json.loads(line)
        return words
