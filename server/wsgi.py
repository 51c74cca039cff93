"""What the web server calls: `server.wsgi:app`, made from the environment."""

from __future__ import annotations

import gc
import sys

from server import create_app

# A thread that comes back from the disk waits for the one that computes; Python's own 5 ms of patience are longer
# than most of our requests take.
sys.setswitchinterval(0.0005)

app = create_app()

# What is here now stays for as long as the process: looked through for garbage again and again, it would make every
# request of the process wait for 0.1 s each time.
gc.collect()
gc.freeze()
gc.set_threshold(5_000, 20, 10)
