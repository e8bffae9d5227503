from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.roles import Role

if TYPE_CHECKING:
    from certbody.accounts.models.organisations import Organisation


class Person(models.Model):
    """A human being: assignments, seats, interests, signatures and independence speak of it, not of accounts."""

    name = models.CharField(_("name"), max_length=80, help_text=_("As on the identity document."))
    name_en = models.CharField(
        _("name in English"), max_length=120, blank=True, help_text=_("As English papers are to print it.")
    )
    identity_sealed = models.TextField(blank=True, editable=False)
    identity_fingerprint = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")

    def __str__(self) -> str:
        return self.name


class RoleAssignment(models.Model):
    """A role of a person from a day to a day, both inclusive; an open end means until further notice."""

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="role_assignments", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=24, choices=Role)
    since = models.DateField(_("since"), default=clock.today, help_text=_("The first day, inclusive."))
    until = models.DateField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("The last day, inclusive; empty: until further notice."),
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "role"],
                condition=models.Q(until=None),
                name="one_open_assignment_of_a_role",
            ),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")),
                name="role_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()}"


class Authorisation(models.Model):
    """A dated written authorisation of a person by the head, such as to sign in the head's place."""

    class Kind(models.TextChoices):
        SIGN = "sign", _("signs decisions for the head")
        SUSPEND = "suspend", _("decides to maintain, suspend or restore")

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="authorisations", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"))
    reference = models.CharField(_("reference of the authorisation"), max_length=80)

    class Meta:
        verbose_name = _("authorisation")
        verbose_name_plural = _("authorisations")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(until__gte=models.F("since")), name="authorisation_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_kind_display()}"


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, password: str | None = None, *, person: Person, **fields: Any
    ) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), person=person, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """An account. There is no superuser: what a user may do follows from the roles of the person behind it."""

    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        related_name="users",
        verbose_name=_("person"),
        help_text=_("Whose account it is; this never changes."),
    )
    email = models.EmailField(
        _("e-mail address"),
        unique=True,
        help_text=_("With it the owner signs in; a link to set a password goes there."),
    )
    language = models.CharField(
        _("language"), max_length=8, default="zh-hans", help_text=_("In which mails are written.")
    )
    is_active = models.BooleanField(
        _("is active"), default=True, help_text=_("Without this mark nobody can sign in with the account.")
    )
    is_demo = models.BooleanField(default=False, editable=False)
    date_joined = models.DateTimeField(default=clock.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]

    def __str__(self) -> str:
        return self.email

    @cached_property
    def roles(self) -> frozenset[str]:
        """Roles of the person in force today; read once a request."""
        today = clock.today()
        rows = self.person.role_assignments.filter(since__lte=today)
        return frozenset(
            rows.filter(models.Q(until=None) | models.Q(until__gte=today)).values_list("role", flat=True)
        )

    def has_role(self, *roles: str) -> bool:
        return self.is_active and not self.roles.isdisjoint(roles)

    @property
    def is_staff_member(self) -> bool:
        """True for people who work for the body; they use the desk, everybody else the portal."""
        return self.is_active and bool(self.roles)

    @property
    def is_staff(self) -> bool:
        """Django admin's door: administrators only."""
        return self.has_role(Role.ADMINISTRATOR)

    @cached_property
    def organisations(self) -> "models.QuerySet[Organisation]":
        from certbody.accounts.models.organisations import Organisation  # -- circular model modules

        return Organisation.objects.filter(memberships__person_id=self.person_id, memberships__ended_at=None)

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return self.is_staff and permission.split(".", maxsplit=1)[0] == "accounts"

    def has_module_perms(self, label: str) -> bool:
        return self.is_staff and label == "accounts"

    def get_full_name(self) -> str:
        return self.person.name
