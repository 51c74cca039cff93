"""The file that a phone's outbox goes out as, made here without a phone (its form: web/src/outbox/packed.ts)."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from server.kit import clock

Filled = tuple[str, dict[str, Any], dict[str, bytes]]  # the site's name, the report's body, its photos by id


def packed(person: dict[str, str], reports: list[Filled]) -> bytes:
    """These reports of this person, waiting to be sent."""
    now = clock.now().isoformat()
    header: dict[str, Any] = {"made_at": now, "person": person, "reports": [], "photos": []}
    pieces = b""
    for site_name, body, files in reports:
        report_id = str(uuid.uuid4())
        header["reports"].append({
            "id": report_id, "revision": 1, "body": body, "site_name": site_name, "checklist_code": body["checklist"]["code"],
            "queued_at": now, "state": "waiting", "tries": 0, "next_try_at": 0, "problem": None, "receipt": None,
            "photos_expected": len(files), "photos_stored": 0,
        })
        for entry in body["photos"]:
            data = files[entry["id"]]
            header["photos"].append({
                "id": entry["id"], "report_id": report_id, "item": entry["item"], "here": True, "thumb": None,
                "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "media_type": "image/jpeg",
                "captured_at": entry["captured_at"], "source": "camera", "caption": "", "marks": [], "made_from": None,
                "position": None, "state": "kept", "sent": 0, "upload_url": None, "problem": None,
                "original": {"at": len(pieces), "length": len(data), "type": "image/jpeg"},
            })
            pieces += data
    text = json.dumps(header).encode()
    return b"DUDAO-OUTBOX 1\n" + str(len(text)).zfill(8).encode() + text + pieces
