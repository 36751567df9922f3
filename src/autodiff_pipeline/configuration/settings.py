"""What every group of settings is: frozen, typed, and without keys that nobody knows."""

from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from autodiff_pipeline.configuration.values import is_null


class Settings(BaseModel):
    """A frozen group of keys that refuses any other key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _null_given_as_text(cls, value: Any, info: ValidationInfo) -> Any:
        annotation = cls.model_fields[str(info.field_name)].annotation
        return None if type(None) in get_args(annotation) and is_null(value) else value
