"""The stable keys under which the plugin tracks what it made in Redmine (docs/plugin-api.md).

Keys never change once used: Redmine's objects keep their ids through them when names change.
"""

import re
import unicodedata

CONNECTOR_ROLE = "role:connector"

#: Fields that the connector itself writes on every ticket; read-only for everybody else.
SYSTEM_SCOPE = "sop"
NUMBER_FIELD = f"field:{SYSTEM_SCOPE}:nomor_tiket"
STEP_FIELD = f"field:{SYSTEM_SCOPE}:langkah"
LIMIT_FIELD = f"field:{SYSTEM_SCOPE}:batas_waktu"
SLA_FIELD = f"field:{SYSTEM_SCOPE}:status_sla"
#: Their names in Redmine, which no mapping may use.
SYSTEM_FIELDS = {
    "Nomor tiket": NUMBER_FIELD,
    "Langkah": STEP_FIELD,
    "Batas waktu": LIMIT_FIELD,
    "Status SLA": SLA_FIELD,
}


def slug(text: str) -> str:
    """`Menunggu Pemohon` -> `menunggu-pemohon`: ASCII letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def status_key(name: str) -> str:
    """The key of the status with this name; statuses of the same name are shared by all procedures."""
    return f"status:{slug(name)}"
