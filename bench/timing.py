"""Asking a server the same things from several clients at once, and what the waiting looked like."""

from __future__ import annotations

import itertools
import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable, Sequence

from bench.client import Line


def percentile(seconds: Sequence[float], percent: int) -> float:
    """Milliseconds below which `percent` of the waiting times lie."""
    if len(seconds) < 2:
        return seconds[0] * 1000
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1] * 1000


def share(seconds: float = 0.5) -> float:
    """How much of this machine's cores we get at this moment: below 0.9 somebody else works here too."""
    count = multiprocessing.cpu_count()
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        return sum(pool.map(_spin, [seconds] * count, chunksize=1)) / (seconds * count)


def _spin(seconds: float) -> float:
    until, used = time.monotonic() + seconds, time.process_time()
    while time.monotonic() < until:
        pass
    return time.process_time() - used


def get(path: str, token: str) -> bytes:
    """A prepared GET."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def hammer(
    port: int, requests: Sequence[bytes], *, clients: int, seconds: float,
    checked: Callable[[int, bytes], None] | None = None,
) -> tuple[list[float], int]:
    """Waiting times of all clients, each asking the requests in turn, and the mean size of an answer.

    Raises where an answer is not 200, or what `checked(status, body)` raises.
    """
    waits: list[float] = []
    sizes: list[int] = []
    errors: list[BaseException] = []

    def work(first: int) -> None:
        line = Line("127.0.0.1", port)
        turns = itertools.islice(itertools.cycle(requests), first, None)
        try:
            for request in itertools.islice(turns, len(requests)):  # once round, to warm up
                _ask(line, request, checked)
            until = time.perf_counter() + seconds
            while time.perf_counter() < until:
                started = time.perf_counter()
                body = _ask(line, next(turns), checked)
                waits.append(time.perf_counter() - started)
                sizes.append(len(body))
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)
        finally:
            line.close()

    threads = [threading.Thread(target=work, args=(n * len(requests) // clients,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return waits, sum(sizes) // len(sizes)


def _ask(line: Line, request: bytes, checked: Callable[[int, bytes], None] | None) -> bytes:
    status, body = line.ask(request)
    if status != 200:
        raise RuntimeError(f"{status}: {request[:300]!r} {body[:500]!r}")
    if checked:
        checked(status, body)
    return body
