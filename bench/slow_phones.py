"""Does the desk still answer while hundreds of phones on bad lines send photos?

    python -m bench.slow_phones [--uploads 500] [--seconds 20] [--database sqlite,postgresql] [--quick]

So many uploads of 1 MB at 64 kbit/s each (1,460 bytes at a time, as their packets come; half as creation-with-upload,
half as PATCH) while four phones on good lines ask GET /me, GET /reports and PUT reports without photos. The goal is a
p95 below 300 ms. The same is done to a bare Flask view on as many threads, which is what the machine can do.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hashlib
import multiprocessing
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

import config
from bench.client import Line, Phone
from bench.ingest import bare
from bench.stage import Stage, cpu_seconds, peak_memory
from bench.timing import get, percentile, share
from tests import servers
from tests.servers import free_port

SIZE = 1_000_000
PACKET = 1460
BYTES_PER_S = 8000
PHONES = 4
GOAL = 300.0  # ms, p95
FOREVER = 900
KINDS = ("GET /me", "GET /reports", "PUT /reports/{id}")
Waits = dict[str, list[float]]


def heads(token: str, count: int, *, resumable: bool) -> list[tuple[bytes, bytes]]:
    """For each upload the head that opens it (empty where it is opened by its body) and the head before its bytes."""
    made = []
    for number in range(count):
        pairs = {"report": str(uuid.uuid4()), "photo": str(uuid.uuid4()), "filename": "照片.jpg",
                 "sha256": hashlib.sha256(os.urandom(8)).hexdigest()}
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
        common = f"Host: bench\r\nAuthorization: Bearer {token}\r\nTus-Resumable: 1.0.0\r\n"
        body = f"Content-Type: application/offset+octet-stream\r\nContent-Length: {SIZE}\r\n"
        create = f"POST /api/v1/uploads HTTP/1.1\r\n{common}Upload-Length: {SIZE}\r\nUpload-Metadata: {metadata}\r\n"
        if resumable and number % 2:
            append = f"PATCH %s HTTP/1.1\r\n{common}Upload-Offset: 0\r\n{body}\r\n"
            made.append((f"{create}Content-Length: 0\r\n\r\n".encode(), append.encode()))
        else:
            made.append((b"", f"{create}{body}\r\n".encode()))
    return made


async def _upload(port: int, opening: bytes, head: bytes, sent: list[int], number: int) -> None:
    """Trickle one photo; sent[number] grows. Whatever the server says before the end is an error."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        if opening:
            writer.write(opening)
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 201"):
                raise RuntimeError(answer.decode())
            location = next(line for line in answer.split(b"\r\n") if line.lower().startswith(b"location:"))
            head = head.replace(b"%s", location.split(b":", 1)[1].strip(), 1)
        writer.write(head)
        began, early = time.monotonic(), asyncio.ensure_future(reader.read(400))
        while sent[number] < SIZE - PACKET:
            if early.done():
                raise RuntimeError(f"answered early: {early.result()!r}")
            writer.write(os.urandom(PACKET))
            await writer.drain()
            sent[number] += PACKET
            await asyncio.sleep(max(0.0, began + sent[number] / BYTES_PER_S - time.monotonic()))
        early.cancel()
        await asyncio.sleep(FOREVER)
    finally:
        writer.close()


def trickle(port: int, uploads: list[tuple[bytes, bytes]], line: Connection) -> None:
    """The process of all slow phones; answers every word on `line` with (bytes sent by each, first trouble)."""

    async def run() -> None:
        sent, troubles = [0] * len(uploads), []

        async def one(number: int) -> None:
            await asyncio.sleep(number / 250)  # phones do not call all in one instant
            try:
                await _upload(port, *uploads[number], sent, number)
            except Exception as error:  # noqa: BLE001 - it is told to the main process
                troubles.append(repr(error))

        tasks = [asyncio.ensure_future(one(number)) for number in range(len(uploads))]
        while await asyncio.to_thread(line.recv) != "end":
            line.send((list(sent), troubles[:1], len(troubles)))
        for task in tasks:
            task.cancel()

    asyncio.run(run())


@contextlib.contextmanager
def slow_phones(port: int, uploads: list[tuple[bytes, bytes]]) -> Iterator[Connection]:
    """So many uploads under way until the end of the block."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=trickle, args=(port, uploads, theirs), daemon=True)
    process.start()
    try:
        yield ours
    finally:
        ours.send("end")
        process.join(5)
        process.kill()


def progress(line: Connection) -> tuple[list[int], int]:
    """Bytes that each slow phone has sent, and how many met trouble (printed)."""
    line.send("how far")
    sent, first, count = line.recv()
    if first:
        print(f"  {count} slow phones met trouble: {first[0][:300]}")
    return sent, count


def ask(phones: list[Phone], gets: dict[str, bytes], seconds: float) -> Waits:
    """Let the phones on good lines ask in turn; waiting times by kind."""
    waits: Waits = {kind: [] for kind in KINDS}
    errors: list[BaseException] = []

    def work(phone: Phone) -> None:
        try:
            until = time.perf_counter() + seconds
            while time.perf_counter() < until:
                for kind, request in gets.items():
                    began = time.perf_counter()
                    status, body = phone.line.ask(request)
                    waits[kind].append(time.perf_counter() - began)
                    if status != 200:
                        raise RuntimeError(f"{kind}: {status} {body[:300]!r}")
                phone.send_report()
                waits[KINDS[2]].append(phone.calls[-1])
                time.sleep(0.05)  # four people, not a flood
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(phone,)) for phone in phones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return waits


def threads_of(pid: int) -> list[int]:
    """How many threads each web process has."""
    return sorted((child.num_threads() for child in psutil.Process(pid).children(recursive=True)), reverse=True)


def measure(
    name: str, port: int, pid: int, phones: list[Phone], gets: dict[str, bytes], uploads: list[tuple[bytes, bytes]],
    parts: Path, seconds: float,
) -> tuple[float, float]:
    """Idle, then loaded; prints both; → the p95 of each over all kinds, in ms."""
    ask(phones, gets, 1)
    idle = ask(phones, gets, seconds / 2)
    with slow_phones(port, uploads) as line:
        time.sleep(len(uploads) / 250 + 4)
        before, _ = progress(line)
        used, began = cpu_seconds(pid), time.perf_counter()
        loaded = ask(phones, gets, seconds)
        spent = (cpu_seconds(pid) - used) / (time.perf_counter() - began)
        sent, troubles = progress(line)
        live = sum(after > early for early, after in zip(before, sent, strict=True))
        taken = sum(file.stat().st_size for file in parts.rglob("*.part"))
        counted = threads_of(pid)
        memory = peak_memory(pid)
    if troubles or live < len(uploads):
        raise RuntimeError(f"only {live} of {len(uploads)} uploads were moving")
    print(f"{name}: {live} uploads moving, {sum(sent) / 1e6:.1f} MB sent, {taken / 1e6:.1f} MB on disk; threads {counted}, "
          f"largest process {memory:.0f} MB, web CPU {spent:.2f} cores")
    for kind in KINDS:
        quick, slow = percentile(idle[kind], 95), percentile(loaded[kind], 95)
        print(f"  {kind:18} idle p50 {percentile(idle[kind], 50):6.1f} p95 {quick:6.1f} ms   loaded p50 "
              f"{percentile(loaded[kind], 50):6.1f} p95 {slow:6.1f} p99 {percentile(loaded[kind], 99):6.1f} ms"
              f"   x {slow / quick:.1f}")
    return tuple(percentile([wait for kind in KINDS for wait in waits[kind]], 95) for waits in (idle, loaded))  # type: ignore[return-value]


def ours(url: str, count: int, seconds: float, threads: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder), url, DUDAO_WEB_THREADS=str(threads)) as stage:
        phones = [Phone(Line("127.0.0.1", stage.port), stage.token, stage.site_id, b"", 0) for _ in range(PHONES)]
        gets = {KINDS[0]: get("/api/v1/me", stage.token), KINDS[1]: get("/api/v1/reports", stage.token)}
        return measure("ours", stage.port, stage.pid, phones, gets, heads(stage.token, count, resumable=True),
                       Path(folder) / "uploads", seconds)


def plain(count: int, seconds: float, threads: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        process = bare(Path(folder), port, threads=threads)
        try:
            Stage.wait_for(port)
            phones = [Phone(Line("127.0.0.1", port), "x", "x", b"", 0) for _ in range(PHONES)]
            gets = {KINDS[0]: get("/bytes/400", "x"), KINDS[1]: get("/bytes/37000", "x")}
            uploads = heads("x", count, resumable=False)
            return measure("bare view", port, process.pid, phones, gets, uploads, Path(folder), seconds)
        finally:
            Stage.end(process)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uploads", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--database", default="sqlite,postgresql")
    parser.add_argument("--threads", type=int, default=config.Config().web_threads, help="of each web process")
    parser.add_argument("--quick", action="store_true", help="6 seconds, SQLite alone")
    options = parser.parse_args()
    seconds = 6.0 if options.quick else options.seconds
    print(f"{share():.0%} of the cores are ours")
    limit = plain(options.uploads, seconds, options.threads)
    for kind in ["sqlite"] if options.quick else options.database.split(","):
        print(f"\n{kind}")
        with contextlib.ExitStack() as stack:
            url = stack.enter_context(servers.postgres()) if kind == "postgresql" else ""
            idle, loaded = ours(url, options.uploads, seconds, options.threads)
        print(f"{kind}: p95 of all {loaded:.1f} ms with {options.uploads} slow uploads, {idle:.1f} idle "
              f"(x {loaded / idle:.1f}); bare view {limit[1]:.1f} and {limit[0]:.1f} (x {limit[1] / limit[0]:.1f}); "
              f"goal {GOAL:.0f} ms {'met' if loaded < GOAL else 'MISSED'}")


if __name__ == "__main__":
    main()
