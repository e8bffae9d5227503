"""What administrators do: open and close accounts, give and end roles. They choose no password, delete nothing.

An authorisation to sign in the head's place is the head's alone to give and stands on a desk page.
"""

from typing import Any, cast

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import BaseModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from certbody.accounts import services, set_up_mail
from certbody.accounts.admin_site import admin_site
from certbody.accounts.forms import PersonForm, RoleAssignmentForm, UserForm
from certbody.accounts.models import Person, RoleAssignment, User
from certbody.trail.services import append


def _actor(request: HttpRequest) -> User:
    return cast(User, request.user)


class KeptAdmin(admin.ModelAdmin[Any]):
    """Rows are changed and ended, never deleted: what they stood for stays in the trail."""

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False

    def changeform_view(self, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            return super().changeform_view(*args, **kwargs)


@admin.register(Person, site=admin_site)
class PersonAdmin(KeptAdmin):
    form = PersonForm
    list_display = ("name", "name_en", "has_identity")
    search_fields = ("name", "name_en")

    @admin.display(boolean=True, description=_("identity known"))
    def has_identity(self, person: Person) -> bool:
        return person.identity_fingerprint is not None

    def save_model(self, request: HttpRequest, obj: Person, form: BaseModelForm[Any], change: bool) -> None:
        super().save_model(request, obj, form, change)
        name = "person.changed" if change else "person.added"
        append(
            name=name, obj=obj, case=None, user=_actor(request), data={"fields": sorted(form.changed_data)}
        )


@admin.register(User, site=admin_site)
class UserAdmin(KeptAdmin):
    form = UserForm
    list_display = ("email", "person", "is_active", "last_login")
    list_select_related = ("person",)
    list_filter = ("is_active",)
    search_fields = ("email", "person__name")
    autocomplete_fields = ("person",)
    actions = ("send_set_up_link",)

    def get_readonly_fields(self, _request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """The person behind an account and its address stay: another human being gets another account."""
        return ("person", "email", "last_login") if obj else ()

    def save_model(self, request: HttpRequest, obj: User, form: BaseModelForm[Any], change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            set_up_mail.promise(services.record_opened(obj, actor=_actor(request)))
        elif "is_active" in form.changed_data:
            name = "account.enabled" if obj.is_active else "account.disabled"
            append(name=name, obj=obj, case=None, user=_actor(request))

    @admin.action(description=_("Send a link with which the owner sets a new password"))
    def send_set_up_link(self, request: HttpRequest, users: QuerySet[User]) -> None:
        with transaction.atomic():
            for user in users.filter(is_active=True):
                set_up_mail.promise(
                    append(name="account.link_sent", obj=user, case=None, user=_actor(request))
                )
        self.message_user(request, _("The links are on their way."), messages.SUCCESS)


@admin.register(RoleAssignment, site=admin_site)
class RoleAssignmentAdmin(KeptAdmin):
    form = RoleAssignmentForm
    list_display = ("person", "role", "since", "until")
    list_select_related = ("person",)
    list_filter = ("role",)
    search_fields = ("person__name",)
    autocomplete_fields = ("person",)

    def get_readonly_fields(
        self, _request: HttpRequest, obj: RoleAssignment | None = None
    ) -> tuple[str, ...]:
        """Only the last day of a role changes; another role is another assignment."""
        return ("person", "role", "since") if obj else ()

    def get_form(
        self, request: HttpRequest, obj: RoleAssignment | None = None, change: bool = False, **kwargs: Any
    ) -> type[RoleAssignmentForm]:
        """The form of this request, which knows who gives the role."""
        form = cast(type[RoleAssignmentForm], super().get_form(request, obj, change, **kwargs))
        form.actor = _actor(request)
        return form

    def save_model(
        self, request: HttpRequest, obj: RoleAssignment, form: BaseModelForm[Any], change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            services.record_role_added(obj, actor=_actor(request))
        elif "until" in form.changed_data:
            services.record_role_changed(obj, actor=_actor(request))
