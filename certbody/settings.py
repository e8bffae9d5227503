"""Settings, all from the environment, typed; nonsense is refused at start (docs/configuration.md lists them)."""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from certbody.keys import read_or_make

# generic forms and admin classes are subscripted for the type checker
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def _switch(name: str, *, default: bool) -> bool:
    text: str = env.str(name, default="1" if default else "0")
    if text not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {text!r}")
    return text == "1"


def _networks(name: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(text) for text in env.list(name, default=[])]
    except ValueError as fault:
        raise ImproperlyConfigured(f"{name} must be networks such as 10.1.0.0/16: {fault}") from fault


CERTBODY_HOME = Path(env.str("CERTBODY_HOME", default=str(BASE_DIR / "var"))).resolve()
CERTBODY_DEMO = _switch("CERTBODY_DEMO", default=False)
CERTBODY_DEMO_PASSWORD = env.str("CERTBODY_DEMO_PASSWORD", default="demo-27922-star")
CERTBODY_CHECKPOINTS = Path(
    env.str("CERTBODY_CHECKPOINTS", default=str(CERTBODY_HOME / "checkpoints"))
).resolve()
CERTBODY_FREE_DISK = env.int("CERTBODY_FREE_DISK", default=10)  # percent, below which /readyz turns red
if not 0 <= CERTBODY_FREE_DISK < 100:
    raise ImproperlyConfigured("CERTBODY_FREE_DISK must be a percentage from 0 to 99")
BIND = env.str("BIND", default="127.0.0.1:8000")
CERTBODY_URL = env.str("CERTBODY_URL", default=f"http://{BIND}").rstrip("/")

CERTBODY_CLAMD = env.str(
    "CERTBODY_CLAMD", default=""
)  # host:port or the path of a socket; empty: no virus scanner
if CERTBODY_CLAMD and not CERTBODY_CLAMD.startswith("/") and not CERTBODY_CLAMD.rpartition(":")[2].isdigit():
    raise ImproperlyConfigured("CERTBODY_CLAMD must be host:port or the path of a socket")

_address = urlsplit(CERTBODY_URL)
if _address.scheme not in {"http", "https"} or not _address.hostname or _address.path:
    raise ImproperlyConfigured("CERTBODY_URL must be http(s)://host[:port] without a path")
IS_HTTPS = _address.scheme == "https"
LOOPBACK = {"127.0.0.1", "localhost", "::1", "[::1]"}
_bind_host = BIND.rpartition(":")[0]
if _bind_host not in LOOPBACK and (CERTBODY_DEMO or not IS_HTTPS):
    raise ImproperlyConfigured(
        "Only loopback may be bound with demo accounts or without https (see CERTBODY_URL)"
    )

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", default="") or read_or_make(CERTBODY_HOME / "keys" / "secret").hex()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = [_address.hostname] + (sorted(LOOPBACK - {"::1"}) if _address.hostname in LOOPBACK else [])
CSRF_TRUSTED_ORIGINS = [CERTBODY_URL] if IS_HTTPS else []

INSTALLED_APPS = [
    "certbody.web",
    "certbody.accounts",
    "certbody.body",
    "certbody.cases",
    "certbody.trail",
    "certbody.outbox",
    "certbody.files",
    "certbody.desk",
    "applications",
    "audits",
    "certificates",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_structlog",
    "django_tables2",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "certbody.web.middleware.AddressMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "certbody.web.middleware.PrivateCacheMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "certbody.accounts.middleware.SecondFactorMiddleware",
    "axes.middleware.AxesMiddleware",
]

# from where /admin/ can be reached; empty: from everywhere
CERTBODY_ADMIN_NETWORKS = _networks("CERTBODY_ADMIN_NETWORKS")

ROOT_URLCONF = "certbody.urls"
WSGI_APPLICATION = "certbody.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "certbody.web.context_processors.surface",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "certbody.web.templatetags.ui",
                "certbody.web.templatetags.steps",
            ],
        },
    }
]

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;PRAGMA recursive_triggers=ON;"
    ),
}
DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{CERTBODY_HOME / 'certbody.sqlite3'}")
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", default=DATABASE_URL)


def _database(url: str) -> dict[str, object]:
    database = dict(env.db_url_config(url))
    if database["ENGINE"] == "django.db.backends.sqlite3":
        return database | {"OPTIONS": SQLITE_OPTIONS}
    if database["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name sqlite or postgres")
    return database | {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "options": "-c lock_timeout=5s -c statement_timeout=30s"},
    }


DATABASES = {"default": _database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "web_cache"},
    "limits": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "limits",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
}

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": CERTBODY_HOME / "files"},
    },
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": CERTBODY_HOME / "files"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(CERTBODY_HOME / "static")))
STATICFILES_DIRS = [BASE_DIR / "static", ("guide", BASE_DIR / "docs" / "guide" / "pictures")]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_PERMISSIONS = 0o600
# on the disk of the data, not in /tmp, which may be memory; private, and swept by the hourly files.tidy
FILE_UPLOAD_TEMP_DIR = CERTBODY_HOME / "temporary"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)

LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "certbody.accounts.passwords.ContextWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/home/"
ACCOUNT_ADAPTER = "certbody.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "certbody.accounts.forms.SignupDetailsForm"
ACCOUNT_FORMS = {
    "signup": "certbody.accounts.password_forms.SignupForm",
    "change_password": "certbody.accounts.password_forms.ChangePasswordForm",
    "reset_password_from_key": "certbody.accounts.password_forms.ResetPasswordKeyForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _address.scheme
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 2
PASSWORD_RESET_TIMEOUT = 3600
# axes counts wrong passwords and codes by account and address (see AccountAdapter.pre_authenticate, code_forms); this
# ceiling is for codes from many addresses at once, sent by somebody who knows the password already
ACCOUNT_RATE_LIMITS = {"login_failed": "100/d/key"}
MFA_ADAPTER = "certbody.accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "certbody.accounts.code_forms.AuthenticateForm",
    "reauthenticate": "certbody.accounts.code_forms.ReauthenticateForm",
}
MFA_TOTP_ISSUER = "certbody"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "certbody.accounts.axes.username_of"
AXES_LOCKOUT_CALLABLE = "certbody.accounts.axes.locked_out"
AXES_CLIENT_IP_CALLABLE = "certbody.accounts.origin.client_address"
AXES_IPWARE_PROXY_COUNT = env.int("CERTBODY_PROXIES", default=0)
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login", "code", "oldpassword"]  # beside `password`
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = False

SESSION_COOKIE_NAME = "__Host-sessionid" if IS_HTTPS else "sessionid"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_AGE = 30 * 60  # since the last request; SecondFactorMiddleware ends a session after 12 hours
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_HTTPS else "csrftoken"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "certbody.web.errors.csrf_failure"
LANGUAGE_COOKIE_SECURE = IS_HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [
    r"^healthz$",
    r"^readyz$",
]  # asked from inside the machine, where no proxy speaks https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if AXES_IPWARE_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# requests of one address in a minute, to one web process; 0 sets no limit
CERTBODY_LIMITS = {
    "search": env.int("CERTBODY_SEARCHES_PER_MINUTE", default=60),
    "api": env.int("CERTBODY_API_PER_MINUTE", default=600),
    "register": env.int("CERTBODY_REGISTRATIONS_PER_MINUTE", default=20),
    "invitation": env.int("CERTBODY_INVITATIONS_PER_MINUTE", default=20),
    "assessment": env.int("CERTBODY_ASSESSMENTS_PER_MINUTE", default=20),
}
if any(most < 0 for most in CERTBODY_LIMITS.values()):
    raise ImproperlyConfigured("none of the CERTBODY_..._PER_MINUTE can be negative")

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = CERTBODY_HOME / "mail"
if EMAIL_URL := env.str("EMAIL_URL", default=""):
    globals().update(env.email_url_config(EMAIL_URL))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"certbody <noreply@{_address.hostname}>")
EMAIL_TIMEOUT = 20

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
_queue = CERTBODY_HOME / "queue"  # with Redis too: the scheduler keeps its book there
_queue.mkdir(parents=True, exist_ok=True)
if CELERY_BROKER_URL == "filesystem://":
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "control_folder": str(_queue / "control"),
        "processed_folder": str(_queue / "processed"),
        "store_processed": False,
    }
    for _folder in ("messages", "control", "processed"):
        (_queue / _folder).mkdir(parents=True, exist_ok=True)
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 300,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
    }
CELERY_TIMEZONE = TIME_ZONE
CELERY_ENABLE_UTC = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE_FILENAME = str(CERTBODY_HOME / "queue" / "beat")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "outbox.sweep", "schedule": 15.0},
    "checkpoint": {"task": "trail.checkpoint", "schedule": 300.0},
    "files": {"task": "files.tidy", "schedule": 3600.0},
    "damaged files": {"task": "files.check", "schedule": crontab(hour=3, minute=20)},
    "infected files": {"task": "files.scan", "schedule": crontab(hour=1, minute=40)},
    "expiring documents": {"task": "applications.watch_documents", "schedule": crontab(hour=6, minute=10)},
    "sessions": {"task": "web.tidy", "schedule": 3600.0},
    "overdue invoices": {"task": "applications.look_after_overdue", "schedule": crontab(hour=7, minute=30)},
    "stale accounts": {"task": "accounts.disable_stale", "schedule": 24 * 3600.0},
}

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False
DJANGO_TABLES2_TEMPLATE = "web/table.html"

# the security log and the trail name the address that CERTBODY_PROXIES vouches for, never a forwarded header
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
LOGGING_CONFIG = "certbody.logs.configure"
LOGGING = {"home": CERTBODY_HOME}

SILENCED_SYSTEM_CHECKS: list[str] = []
