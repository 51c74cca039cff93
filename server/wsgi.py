"""What the web server calls: `server.wsgi:app`, made from the environment."""

from __future__ import annotations

import sys

from server import create_app

# A thread that comes back from the disk waits for the one that computes; Python's own 5 ms of patience are longer
# than most of our requests take.
sys.setswitchinterval(0.0005)

app = create_app()
