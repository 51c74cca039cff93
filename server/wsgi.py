"""What the web server calls: `server.wsgi:app`, made from the environment."""

from __future__ import annotations

from server import create_app

app = create_app()
