"""Every error this project raises on purpose.

One root, and below it two kinds: permanent (the same input will fail again) and transient (a later try may succeed).
Callers choose by these two and never look at status codes.
"""


class SopError(Exception):
    """Something in the SOP connector went wrong."""


class PermanentError(SopError):
    """Trying again with the same input will fail again."""


class TransientError(SopError):
    """A later try may succeed."""


class ConflictError(TransientError):
    """Somebody changed the issue between our read and our commit."""


class NotFoundError(PermanentError):
    """The issue, ticket or object is not there, or not visible to the connector."""


class RefusedError(PermanentError):
    """Redmine refused the change; `reasons` says why, in Redmine's words."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("; ".join(reasons) or "ditolak tanpa alasan")
        self.reasons = reasons


class NumberTakenError(PermanentError):
    """The ticket number belongs to another submission."""


class MappingError(PermanentError):
    """A mapping file cannot be used; `findings` lists every reason with its place."""

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__("\n".join(findings))
        self.findings = findings


class SettingsError(PermanentError):
    """A setting is missing or cannot be used."""


class DocumentError(PermanentError):
    """A document could not be made from its template."""
