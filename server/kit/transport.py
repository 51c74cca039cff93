"""How ids of jobs travel to whoever does them: by huey, in the process or over Redis. Losing one is no loss."""

from __future__ import annotations

import threading
import uuid
from typing import Any

from huey import MemoryHuey, RedisHuey
from huey.serializer import SignedSerializer

NAME = "dudao"
DEPTH = 64  # ids waiting in a shared queue, beyond which none are added
BLOCK_S = 1.0


class Transport:
    """`send` and `take` ids. `shared` says whether several workers draw from the same queue."""

    def __init__(self, url: str, secret: str) -> None:
        self.shared = bool(url)
        self._arrived = threading.Condition()
        # huey's own format is pickle: unsigned, whoever reaches Redis could run code here
        options: dict[str, Any] = {"results": False, "utc": True, "serializer": SignedSerializer(secret=secret)}
        if url:
            import redis

            pool = redis.ConnectionPool.from_url(url, socket_connect_timeout=2, socket_timeout=5)
            self._huey = RedisHuey(NAME, connection_pool=pool, read_timeout=BLOCK_S, **options)
        else:
            self._huey = MemoryHuey(NAME, **options)
        self._task = self._huey.task(name="job")(_carried)

    def send(self, job_id: uuid.UUID) -> None:
        """Hand an id over. Raises redis.RedisError or OSError where the queue is away."""
        self._task(str(job_id))
        with self._arrived:
            self._arrived.notify()

    def room(self) -> int:
        """How many more ids the queue should be given."""
        return max(0, DEPTH - int(self._huey.storage.queue_size()))

    def take(self) -> uuid.UUID | None:
        """The next id, or None after about a second without one. Raises as `send` does."""
        task = self._huey.dequeue()
        if task is None and not self.shared:
            with self._arrived:
                task = self._huey.dequeue()
                if task is None:
                    self._arrived.wait(BLOCK_S)
            task = task or self._huey.dequeue()
        return None if task is None else uuid.UUID(task.args[0])

    def wake(self) -> None:
        """Let those who wait in `take` look whether it is time to stop."""
        with self._arrived:
            self._arrived.notify_all()


def _carried(job_id: str) -> str:
    """The task that huey knows; the runner reads its argument and does the job under its lease."""
    return job_id
