"""A form that arrives twice acts once: the second arrival is led to where the first one went."""

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import NoReturn, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from certbody.transactions import whole
from certbody.web.models import IdempotencyKey
from certbody.web.views import user_of
from certbody.workflow import WrongState

T = TypeVar("T")
Location = str | Callable[[T], str]


class ArrivedMeanwhileError(IntegrityError):
    """The same submission arrived at the same time and was first."""


class Submission:
    """One arrival of a form, known by its hidden key and by all that it sends.

    A form without a key, or with one that is none, acts each time it arrives.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.user = user_of(request)
        self.key = _key_in(request)
        self.content = content_of(request)

    def answer(self) -> str:
        """Where the first arrival led to; empty when there was none, or when it said something else."""
        earlier = self._earlier()
        return earlier.location if earlier is not None and self._repeats(earlier) else ""

    def once(self, act: Callable[[], T], *, location: Location[T], new: models.Model | None = None) -> str:
        """Act in one transaction and return where to go on; a repetition goes where the first one went.

        `location` may depend on what the act returns; `new` is an object that the act makes. What the act raises takes
        everything back. Raises WrongState when the form was sent before with other contents: whoever went back and
        corrected what he had sent learns that the first contents were taken.
        """
        try:
            return whole(lambda: self._act(act, location), new=new)
        except ArrivedMeanwhileError:
            if answer := self.answer():
                return answer
            self._refuse()

    def _act(self, act: Callable[[], T], location: Location[T]) -> str:
        # noted before the act, so that an arrival at the same moment waits here for the outcome of the first
        noted = self._note("" if callable(location) else location)
        done = act()
        where = location(done) if callable(location) else location
        if noted is not None and noted.location != where:
            noted.location = where
            noted.save(update_fields=["location"])
        return where

    def _note(self, location: str) -> IdempotencyKey | None:
        if self.key is None:
            return None
        earlier = self._earlier()
        if earlier is not None and not self._repeats(earlier):
            self._refuse()
        try:
            with transaction.atomic():
                return IdempotencyKey.objects.create(
                    user=self.user, key=self.key, location=location, content=self.content
                )
        except IntegrityError as fault:
            raise ArrivedMeanwhileError from fault

    def _earlier(self) -> IdempotencyKey | None:
        if self.key is None:
            return None
        return IdempotencyKey.objects.filter(user=self.user, key=self.key).first()

    def _repeats(self, earlier: IdempotencyKey) -> bool:
        return earlier.content in {"", self.content}

    def _refuse(self) -> NoReturn:
        raise WrongState(
            _("This page was sent before with other contents, and those were taken. Please look at it again.")
        )


def _key_in(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("submission", ""))
    except ValueError:
        return None


def content_of(request: HttpRequest) -> str:
    """The hash of the address and of all that the form sends: a corrected text or file is no repetition."""
    sent = sorted((name, texts) for name, texts in request.POST.lists() if name != "csrfmiddlewaretoken")
    files = sorted((name, hash_of(file)) for name, several in request.FILES.lists() for file in several)
    return hashlib.sha256(json.dumps([request.path, sent, files]).encode()).hexdigest()


def hash_of(file: UploadedFile) -> str:
    digest = hashlib.sha256((file.name or "").encode())
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
