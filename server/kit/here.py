"""What the running application stands on, for code that is not handed it: settings, files, the database."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from flask import current_app

from config import Config
from server.kit.storage import Store


def conf() -> Config:
    """The settings of the application that is answering."""
    return cast(Config, current_app.config["DUDAO"])


def store() -> Store:
    """Where its originals and renditions live."""
    return cast(Store, current_app.extensions["dudao-store"])


def staging() -> Path:
    """The folder of uploads under way; on the same disk as the originals, so that finishing one is a rename."""
    return conf().uploads_dir / "staging"
