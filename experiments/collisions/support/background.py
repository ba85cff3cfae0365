"""Something to do again and again while something else is at work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def repeating(seconds: float, act: Callable[[], None]) -> Iterator[None]:
    """Call a function in a thread, after every so many seconds, until the body is done.

    Args:
        seconds: between two calls; the first comes after as many.
        act: must not raise: the calls would end.
    """
    done = threading.Event()

    def repeat() -> None:
        while not done.wait(seconds):
            act()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
