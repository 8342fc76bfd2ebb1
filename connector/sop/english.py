"""The English beside a mapping's Indonesian: `en:` on what a requester reads. What has none is shown in Indonesian."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class English(BaseModel):
    """The English of one thing; each key stands for the Indonesian key of the same name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EnglishField(English):
    """Of a field; `choices` in the order of the Indonesian ones."""

    label: str = ""
    help: str = ""
    purpose: str = ""
    choices: tuple[str, ...] = ()


class EnglishForm(English):
    """Of a form."""

    title: str = ""
    intro: str = ""


class EnglishProcedure(English):
    """Of a procedure."""

    title: str = ""
    summary: str = ""
    audience: str = ""
    keywords: tuple[str, ...] = ()


class EnglishTitle(English):
    """Of a step, an end, a role or a category."""

    title: str = ""


class EnglishLabel(English):
    """Of an outcome."""

    label: str = ""


class EnglishNumber(English):
    """Of a kind of identity number."""

    name: str = ""
    hint: str = ""


class EnglishOrganization(English):
    """Of an organization."""

    name: str = ""
    office: str = ""


def without_original(said: English | None, original: BaseModel) -> list[str]:
    """Keys of the English for which there is no Indonesian."""
    names = type(said).model_fields if said is not None else ()
    return [name for name in names if getattr(said, name) and not getattr(original, name)]
