"""What Alertmanager's webhook says (version 4): which alerts fire and which are resolved.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webhooks.payload import PayloadError

VERSION = "4"
STATUSES = ("firing", "resolved")


@dataclass(frozen=True)
class Alert:
    """One alert of a group. `key` is the same for as long as it is the same alert of the same group."""

    key: str
    firing: bool
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


def parse_alerts(body: bytes) -> tuple[Alert, ...]:
    """The alerts in a body.

    Raises:
        PayloadError: not UTF-8, not JSON, or not of the shape that Alertmanager sends.
    """
    try:
        data = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise PayloadError("isi bukan UTF-8") from None
    except (ValueError, RecursionError):
        raise PayloadError("isi bukan JSON") from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise PayloadError("bukan webhook Alertmanager versi 4")
    group, alerts = data.get("groupKey"), data.get("alerts")
    if not isinstance(group, str) or not group:
        raise PayloadError("kunci «groupKey» tidak ada")
    if not isinstance(alerts, list):
        raise PayloadError("kunci «alerts» tidak ada")
    return tuple(_alert(group, each) for each in alerts)


def _alert(group: str, data: Any) -> Alert:
    if not isinstance(data, dict) or data.get("status") not in STATUSES:
        raise PayloadError("kunci «alerts[].status» bukan firing atau resolved")
    fingerprint = data.get("fingerprint")
    if not isinstance(fingerprint, str) or not fingerprint:
        raise PayloadError("kunci «alerts[].fingerprint» tidak ada")
    together = json.dumps([group, fingerprint]).encode()
    return Alert(
        key=hashlib.sha256(together).hexdigest(),
        firing=data["status"] == "firing",
        labels=_texts(data, "labels"),
        annotations=_texts(data, "annotations"),
    )


def _texts(data: Mapping[str, Any], name: str) -> dict[str, str]:
    texts = data.get(name, {})
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise PayloadError(f"kunci «alerts[].{name}» harus berisi teks")
    return {_storable(key): _storable(text) for key, text in texts.items()}


def _storable(text: str) -> str:
    """Without what JSON can say and a database cannot keep: NUL and halves of a surrogate pair."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
