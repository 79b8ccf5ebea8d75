"""Rows that record what happened: added, never changed or removed.

An erasure changes them all the same: that is what ``redact`` is for, and nothing else.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class AppendOnlyQuerySet(models.QuerySet):
    """Refuses what would change or remove rows."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{self.model.__name__} rows are never changed.")

    def delete(self) -> NoReturn:
        raise TypeError(f"{self.model.__name__} rows are never deleted.")

    def redact(self, **kwargs: Any) -> int:
        """Take what tells of a person out of the rows; how many there are."""
        return super().update(**kwargs)


class AppendOnlyModel(models.Model):
    """A row that can be saved once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError(f"{type(self).__name__} rows are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} rows are never deleted.")
