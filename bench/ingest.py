"""How many reports a second come in, until the receipt: ours against a bare view and against the disk itself.

    python -m bench.ingest [--quick] [--seconds 6] [--phones 1,4,16] [--photos 0,300k,3m] [--database URL]

Web processes only: renditions are the worker's business and are measured by bench/images.py.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench.client import Line, Phone
from bench.stage import Stage, cpu_seconds, peak_memory
from tests.photos import jpeg

SIZES = {"0": (0, 0), "300k": (3, 300_000), "3m": (3, 3_000_000)}
CENTRAL = {"0": (122, 33), "300k": (26, 100), "3m": (3.9, 480)}  # ODK Central here: reports/s, ms CPU per report


def drive(phones: list[Phone], seconds: float) -> float:
    """Let all phones send until the time is over; returns the wall time until the last receipt."""
    errors: list[BaseException] = []
    until = time.perf_counter() + seconds

    def work(phone: Phone) -> None:
        try:
            while time.perf_counter() < until:
                phone.send_report()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the main thread
            errors.append(error)

    threads = [threading.Thread(target=work, args=(phone,)) for phone in phones]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return time.perf_counter() - started


def measure(port: int, token: str, site_id: str, size: str, count: int, seconds: float, pid: int) -> dict[str, float]:
    each, length = SIZES[size]
    photo = jpeg(1600, 1200, size=length, seed=1) if each else b""
    phones = [Phone(Line("127.0.0.1", port), token, site_id, photo, each) for _ in range(count)]
    drive(phones, 0.5)  # warm up
    for phone in phones:
        phone.waited.clear()
        phone.receipts.clear()
    before = cpu_seconds(pid)
    wall = drive(phones, seconds)
    used = cpu_seconds(pid) - before
    waited = sorted(value for phone in phones for value in phone.waited)
    done = len(waited)
    return {
        "rate": done / wall, "p50": _at(waited, 50), "p95": _at(waited, 95), "p99": _at(waited, 99),
        "cpu": used / done * 1000, "memory": peak_memory(pid),
    }


def _at(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1] * 1000 if len(values) > 1 else values[0] * 1000


def disk_limit(size: str, seconds: float = 1.5) -> tuple[float, float]:
    """Reports/s that one thread could make durable by plain fsynced writes, and that SHA-256 alone could hash."""
    each, length = SIZES[size]
    parts = [os.urandom(length) for _ in range(each)] + [os.urandom(2500)]
    with tempfile.TemporaryDirectory() as folder:
        fd = os.open(folder, os.O_RDONLY)
        done, until = 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            for number, part in enumerate(parts):
                path = Path(folder) / f"{done}-{number}"
                with path.open("wb") as file:
                    file.write(part)
                    file.flush()
                    os.fsync(file.fileno())
                path.rename(path.with_suffix(".jpg"))
                os.fsync(fd)
            done += 1
        os.close(fd)
    hashed, until = 0, time.perf_counter() + seconds / 3
    while time.perf_counter() < until:
        for part in parts:
            hashlib.sha256(part).hexdigest()
        hashed += 1
    return done / seconds, hashed / (seconds / 3)


def bare(home: Path, port: int, threads: int = 32) -> subprocess.Popen[bytes]:
    home.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "bench.bare:app", "--port", str(port),
         "--workers", "2", "--blocking-threads", str(threads), "--backpressure", "2048", "--no-log", "--no-ws"],
        env={**os.environ, "BENCH_HOME": str(home)}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--phones", default="1,4,16")
    parser.add_argument("--photos", default="0,300k,3m")
    parser.add_argument("--database", default="")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    seconds = 2.0 if options.quick else options.seconds
    print(f"{'photos':>6} {'phones':>6} | {'ours/s':>7} {'p50':>6} {'p95':>6} {'p99':>6} ms {'CPU':>6} ms"
          f" {'peak':>5} MB"
          f" | {'bare/s':>7} {'ratio':>5} | x Central {'rate':>5} {'CPU':>5} | disk/s  SHA/s")
    for size in options.photos.split(","):
        disk, sha = disk_limit(size)
        for count in (int(number) for number in options.phones.split(",")):
            ours = with_ours(options.database, lambda s: measure(
                s.port, s.token, s.site_id, size, count, seconds, s.pid))  # noqa: B023 - called at once
            plain = with_bare(lambda port, pid: measure(port, "x", "x", size, count, seconds, pid))  # noqa: B023
            rate, cpu = CENTRAL[size]
            print(f"{size:>6} {count:>6} | {ours['rate']:7.1f} {ours['p50']:6.1f} {ours['p95']:6.1f} {ours['p99']:6.1f}"
                  f"    {ours['cpu']:6.1f}    {ours['memory']:5.0f}    | {plain['rate']:7.1f}"
                  f" {ours['rate'] / plain['rate']:5.2f} |           {ours['rate'] / rate:5.1f}"
                  f" {ours['cpu'] / cpu:5.2f}"
                  f" | {disk:6.0f} {sha:6.0f}", flush=True)


def kept_folder() -> Path:
    """A folder that goes when the program ends. ext4 passes over inodes that were deleted in the last five minutes one
    by one, so that files of a case which is over, once deleted, make every new file of the next cost up to 1 ms."""
    return Path(KEPT.enter_context(tempfile.TemporaryDirectory()))


KEPT = ExitStack()


def with_ours(database: str, work: Callable[[Stage], dict[str, float]]) -> dict[str, float]:
    with Stage(kept_folder(), database) as stage:
        return work(stage)


def with_bare(work: Callable[[int, int], dict[str, float]]) -> dict[str, float]:
    from tests.servers import free_port

    port = free_port()
    process = bare(kept_folder() / "bare", port)
    try:
        Stage.wait_for(port)
        return work(port, process.pid)
    finally:
        Stage.end(process)


if __name__ == "__main__":
    with KEPT:
        main()
