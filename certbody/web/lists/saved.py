"""Saved filters: kept by one person, seen by him and by the holders of the role that he shares it with."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import User
from certbody.web.lists.definition import StaffList, list_of
from certbody.web.lists.reading import Reading
from certbody.web.models import SavedFilter
from certbody.workflow import NotReady, WrongState

MOST_SAVED = 20  # of one list by one person: as many as can be told apart by their names
MOST_PINNED = 5  # each is counted on every page of the desk
HAS_PINS = "has_pinned_filters"
MOST_COUNTED = 99  # a menu says "99+" beyond


def saved_for(user: User, list_key: str) -> list[SavedFilter]:
    """The filters of a list that somebody kept, then those that others share with a role of his."""
    found = SavedFilter.objects.filter(_seen_by(user), list_key=list_key).order_by("name", "pk")
    return sorted(found, key=lambda saved: saved.user_id != user.pk)


def visible_to(user: User) -> QuerySet[SavedFilter]:
    return (
        SavedFilter.objects.filter(_seen_by(user))
        .select_related("user__person")
        .order_by("list_key", "name", "pk")
    )


def _seen_by(user: User) -> Q:
    return Q(user=user) | Q(shared_with__in=list(user.roles))


def save(
    *,
    actor: User,
    definition: StaffList,
    params: QueryDict,
    name: str,
    shared_with: str = "",
    is_pinned: bool = False,
    is_default: bool = False,
) -> SavedFilter:
    """Keep what an address says of a list. Raises NotReady or WrongState with a sentence."""
    query = Reading(definition, actor, params).query
    if not query:
        raise NotReady(_("Narrow or sort the list first; then there is something to keep."))
    with transaction.atomic():
        own = _own(actor, definition.key)
        if own.count() >= MOST_SAVED:
            raise NotReady(
                _("You keep %(most)d filters of this list already. Delete one first.") % {"most": MOST_SAVED}
            )
        row = SavedFilter(user=actor, list_key=definition.key, query=query)
        return _store(
            row, own, name=name, shared_with=shared_with, is_pinned=is_pinned, is_default=is_default
        )


def change(*, actor: User, saved: SavedFilter, **values: Any) -> SavedFilter:
    """Change name, sharing, pin and default of an own filter. Raises NotReady or WrongState with a sentence."""
    with transaction.atomic():
        own = _own(actor, saved.list_key)
        row = own.filter(pk=saved.pk).first()
        if row is None:
            raise WrongState(_("This is no longer there."))
        return _store(row, own, **values)


def delete(*, actor: User, saved: SavedFilter) -> None:
    SavedFilter.objects.filter(pk=saved.pk, user=actor).delete()


def _own(actor: User, list_key: str) -> QuerySet[SavedFilter]:
    """The filters that somebody keeps of a list; nobody else changes them until the transaction ends."""
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    return SavedFilter.objects.filter(user=actor, list_key=list_key)


def _store(row: SavedFilter, own: QuerySet[SavedFilter], **values: Any) -> SavedFilter:
    others = own.exclude(pk=row.pk)
    if others.filter(name=values["name"]).exists():
        raise NotReady(_("You keep a filter of this name already. Choose another name."))
    if values["is_pinned"]:
        pinned = SavedFilter.objects.filter(user_id=row.user_id, is_pinned=True).exclude(pk=row.pk)
        if pinned.count() >= MOST_PINNED:
            raise NotReady(
                _("%(most)d filters stand in your menu already. Take one out first.") % {"most": MOST_PINNED}
            )
    if values["is_default"]:
        others.filter(is_default=True).update(is_default=False)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


def address_of(saved: SavedFilter, definition: StaffList) -> str:
    return f"{reverse(definition.url_name)}?{saved.query}"


@dataclass(frozen=True)
class Pin:
    """A saved filter in the menu of whoever keeps it."""

    label: str
    url: str
    icon: str
    count: str
    is_current: bool


def remember_pins(request: HttpRequest, user: User) -> None:
    """Note in the session whether the reader has pinned filters at all, so that all other pages need not ask.

    Called after sign-in and by the pages of saved filters; another browser of the reader learns of a new pin there.
    """
    has_pins = SavedFilter.objects.filter(user=user, is_pinned=True).exists()
    if has_pins != request.session.get(HAS_PINS, False):
        request.session[HAS_PINS] = has_pins


def pins_of(request: HttpRequest) -> list[Pin]:
    """The pinned filters of the reader with the number of rows that he would find now."""
    user = request.user
    if not isinstance(user, User) or not request.session.get(HAS_PINS):
        return []
    found = SavedFilter.objects.filter(user=user, is_pinned=True).order_by("list_key", "name")
    return list(_pins(found, user, request.get_full_path()))


def _pins(found: Iterable[SavedFilter], user: User, here: str) -> Iterable[Pin]:
    for saved in found:
        definition = list_of(saved.list_key)
        if definition is None or not definition.may_read(user):
            continue
        rows = Reading(definition, user, QueryDict(saved.query)).rows
        count = rows.order_by()[: MOST_COUNTED + 1].count()
        address = address_of(saved, definition)
        shown = f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
        yield Pin(saved.name, address, "filter", shown, address == here)
