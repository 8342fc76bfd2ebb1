"""What every type of the mapping language is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

#: Redmine refuses longer names of trackers, statuses, roles and custom fields.
NAME_MAX = 30

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$", max_length=60)]
RedmineName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_MAX)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Frozen(BaseModel):
    """A value that cannot be changed and has no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
