"""Why something did not go out, and what follows from it."""

from __future__ import annotations


class DeliveryError(Exception):
    """A try failed. The text is for people, in both languages, and holds no secret.

    `permanent`: trying again would not help. `outlet`: the mail server or webhook itself is at fault, so that others
    need not try it for a while (`pause` seconds, else by rules.pause_of_outlet). `maybe_taken`: it may have come all the
    same. `tell`: the office is told now, not only when it is given up.
    """

    def __init__(
        self, why: str, *, permanent: bool = False, outlet: bool = False, maybe_taken: bool = False,
        pause: float | None = None, tell: bool = False,
    ) -> None:
        super().__init__(why)
        self.why, self.permanent, self.outlet, self.maybe_taken = why, permanent, outlet, maybe_taken
        self.pause, self.tell = pause, tell


class SkipError(Exception):
    """Nobody is to be told any more: the person was disabled, has no address, or no mail server is set."""
