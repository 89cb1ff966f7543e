"""Settings read from the environment, from `.env`, and from files named by `NAME_FILE`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)


def _split(value: object) -> object:
    return (
        [p for part in value.split(",") if (p := part.strip())] if isinstance(value, str) else value
    )


Names = Annotated[list[str], NoDecode, BeforeValidator(_split)]
"""Values separated by commas."""

Secrets = Annotated[list[SecretStr], NoDecode, BeforeValidator(_split)]
"""Secrets separated by commas: the first one is used, all of them are accepted (rotation)."""


class WrongSettings(Exception):
    """The environment does not configure the application. One line per variable at fault."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class FileSource(PydanticBaseSettingsSource):
    """Reads `NAME` from the file that `NAME_FILE` names: how secrets reach a container."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        named = _named(field) or [variable_of(self.settings_cls, field_name)]
        files = [file for name in named if os.environ.get(file := f"{name}_FILE")]
        value = _content(files[0]) if files else None
        key = _named(field)[0] if _named(field) else field_name
        return value, key, self.field_is_complex(field)

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        unreadable: list[str] = []
        for name, field in self.settings_cls.model_fields.items():
            try:
                value, key, is_complex = self.get_field_value(field, name)
            except WrongSettings as error:
                unreadable.extend(error.lines)
                continue
            if value is not None:
                found[key] = self.prepare_field_value(name, field, value, is_complex)
        if unreadable:
            raise WrongSettings(unreadable)
        return found


class Settings(BaseSettings):
    """The settings of one part of the system. A module's begin with its name: `CATALOG_...`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, FileSource(settings_cls), env_settings, dotenv_settings

    def unsafe_in_production(self) -> Sequence[str]:
        """Return `VARIABLE: what is wrong with it` for all that production must not run with."""
        return ()


def variable_of(settings: type[BaseSettings], name: str) -> str:
    """Return the environment variable that sets one field."""
    return f"{settings.model_config.get('env_prefix', '')}{name}".upper()


def read_settings(kind: type[BaseSettings]) -> BaseSettings:
    """Read one settings class. Raises WrongSettings, naming variables and never their values."""
    try:
        return kind()
    except ValidationError as error:
        raise WrongSettings(
            [f"{_variable(kind, one['loc'])}: {_reason(one)}" for one in error.errors()]
        ) from None
    except OSError as error:
        raise WrongSettings([f"{kind.__name__}: cannot read the file {error.filename}"]) from None


def _variable(kind: type[BaseSettings], place: tuple[int | str, ...]) -> str:
    if not place:
        return kind.__name__
    name = str(place[0])
    return variable_of(kind, name) if name in kind.model_fields else name


def _content(variable: str) -> str:
    """Return the text of the file a variable names. Raises WrongSettings."""
    try:
        return Path(os.environ[variable]).read_text("utf-8").strip()
    except (OSError, ValueError):  # not there, not ours to read, not text, no path at all
        raise WrongSettings([f"{variable}: names no file of text that can be read"]) from None


def _named(field: FieldInfo) -> list[str]:
    """Return the variables a field names itself, the one that wins first; mostly none."""
    alias = field.validation_alias
    return [str(one) for one in alias.choices] if isinstance(alias, AliasChoices) else []


def _reason(error: Any) -> str:
    return (
        "is not set"
        if error["type"] == "missing"
        else str(error["msg"]).removeprefix("Value error, ")
    )
