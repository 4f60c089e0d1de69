"""The drawing lock: one draw at a time in a process, and none too few in a forked child."""

import hashlib
import os
import threading

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from charts.drawing import encoding, figures, locking, themes
from tests.drawing import gallery

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def in_child(work):
    """Return what `work` returns in a forked child, or its error's text; a child that hangs is ended."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.write(writer, str(work()).encode())
            code = 0
        except BaseException as error:  # noqa: BLE001  (a forked child must never go on in pytest)
            os.write(writer, repr(error).encode())
        finally:
            os._exit(code)
    os.close(writer)
    timer = threading.Timer(30, os.kill, (child, 9))
    timer.start()
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    timer.cancel()
    return os.waitstatus_to_exitcode(status), said


def draw(hook=gallery.line):
    with figures.drawn(hook, size=(300, 200)) as drawing:
        return encoding.encode(drawing)


@pytest.fixture
def busy_thread():
    """Another thread in the middle of a dark draw, inside matplotlib's own lock too, until the test is over."""
    inside, finish = threading.Event(), threading.Event()

    def hook(figure):
        with Figure._render_lock:
            inside.set()
            finish.wait(60)
        gallery.line(figure)

    def work():
        with figures.drawn(hook, theme=themes.DARK):
            pass

    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(30)
    yield thread
    finish.set()
    thread.join()


def test_only_one_thread_draws_at_a_time():
    inside = threading.Semaphore(1)
    clashes = []

    def hook(figure):
        if not inside.acquire(blocking=False):
            clashes.append(threading.get_ident())
        gallery.line(figure)
        inside.release()

    threads = [threading.Thread(target=draw, args=(hook,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clashes == []


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_child_forked_while_another_thread_draws_can_draw(busy_thread):
    code, said = in_child(lambda: hashlib.sha256(draw()).hexdigest())
    assert code == 0, said
    assert len(said) == 64
    assert busy_thread.is_alive()


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_child_has_the_rcparams_that_were_there_before_another_threads_draw(busy_thread):
    assert mpl.rcParams["figure.facecolor"] == "#14181f"
    assert in_child(lambda: mpl.rcParams["figure.facecolor"]) == (0, "white")


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_child_forked_in_a_hook_goes_on_with_its_draw():
    def hook(figure):
        gallery.line(figure)
        results.append(in_child(lambda: (mpl.rcParams["figure.facecolor"], len(draw()) > 0)))

    results = []
    with figures.drawn(hook, theme=themes.DARK):
        pass
    assert results == [(0, "('#14181f', True)")]


def test_a_thread_may_draw_within_its_own_draw():
    with locking.hold(), figures.drawn(gallery.line) as drawing:
        assert encoding.encode(drawing)


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_child_draws_what_its_parent_drew():
    """Fonts do not survive a fork: what was remembered of them has to be forgotten there."""
    expected = hashlib.sha256(draw()).hexdigest()
    assert in_child(lambda: hashlib.sha256(draw()).hexdigest()) == (0, expected)
