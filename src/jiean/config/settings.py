"""Settings from the environment. ``jiean demo`` and ``jiean serve`` set what they decide; nothing here widens access."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jiean.config import address

PACKAGE = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("JIEAN_DATA_DIR") or Path.home() / ".local" / "share" / "jiean")

# The test key signs nothing that lives: `jiean demo` makes one per data folder, `jiean serve` refuses to start without one.
SECRET_KEY = os.environ.get("JIEAN_SECRET_KEY") or "only-for-tests-and-tools"
DEBUG = False
DEMO = os.environ.get("JIEAN_DEMO") == "1"
ALLOWED_HOSTS = os.environ.get("JIEAN_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
DISPUTE_AMOUNTS = tuple(map(int, os.environ.get("JIEAN_DISPUTE_AMOUNTS", "10000,50000,100000,500000").split(",")))
DISPUTE_PEOPLE = tuple(map(int, os.environ.get("JIEAN_DISPUTE_PEOPLE", "3,10,30").split(",")))
"""Where the size bands of the disputes' return begin, in yuan and in people: each station sets those of its own province."""
STATION_NAME = os.environ.get("JIEAN_STATION_NAME", "皆安演示派出所")
API_PREFIX = "/api/v1/"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "procrastinate.contrib.django",
    "jiean.design",  # before allauth: its pages wear our templates
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "jiean.kernel",
    *(
        f"jiean.{room}"
        for room in ("grid", "law", "people", "vault", "disputes", "dispatch", "intake", "twin", "screens")
    ),
]

MIDDLEWARE = [
    "jiean.kernel.proxies.ClientAddress",
    "django.middleware.security.SecurityMiddleware",
    "jiean.kernel.policy.ContentPolicy",
    "jiean.kernel.doorstep.Doorstep",
    "jiean.config.health.Health",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "jiean.people.middleware.ActorMiddleware",
    "jiean.kernel.http.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "jiean.config.urls"
WSGI_APPLICATION = "jiean.config.asgi.pages"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jiean.config.context.house",
                "jiean.design.look.look",
                "jiean.screens.shell.shell",
            ],
        },
    }
]

DATABASE_SCHEMA = os.environ.get("JIEAN_SCHEMA", "public")


def database(url: str) -> dict[str, Any]:
    """A database's address (config/address.py) as Django's settings."""
    where = address.read(url)
    options: dict[str, Any] = dict(where.options)
    options["options"] = (
        f"-c search_path={DATABASE_SCHEMA} -c jit=off"  # compiling takes longer than any statement of ours
    )
    options["server_side_binding"] = True
    options["prepare_threshold"] = int(os.environ.get("JIEAN_PREPARE_AFTER", "2")) or None
    options["pool"] = {"min_size": 1, "max_size": int(os.environ.get("JIEAN_POOL", "12")), "timeout": 20}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": where.name,
        "USER": where.user,
        "PASSWORD": where.password,
        "HOST": where.host,
        "PORT": where.port,
        "CONN_MAX_AGE": 0,
        "OPTIONS": options,
        "TEST": {"NAME": "test_jiean"},
    }


DATABASES = {"default": database(os.environ.get("DATABASE_URL") or "postgresql:///jiean")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "jiean.people.backends.AccountBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "pinyin", "phone")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "jiean.people.passwords.NotCommonDressedUp"},
    {"NAME": "jiean.people.passwords.NoWordOfThePlace"},
    {"NAME": "jiean.people.passwords.NotTheOneItIs"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
PROVE_URL = "/prove"
LOGIN_REDIRECT_URL = "/role"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_ADAPTER = "jiean.config.accounts.StaffOnly"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Jiean"
MFA_ADAPTER = "jiean.vault.factors.SealedFactors"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# By address only: the library also counts by name, and five wrong guesses from anywhere would keep an officer out.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip"}

# In the database, not in each process's memory: a code counts once and failures add up whichever process is asked.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "people_remembered",
        "KEY_FUNCTION": "jiean.people.remembered.name",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}
SESSION_ENGINE = "jiean.people.store"
SESSION_COOKIE_AGE = 14 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE = os.environ.get("JIEAN_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
PROXIES = int(os.environ.get("JIEAN_PROXIES", "1" if SECURE else "0"))
"""How many proxies of the station's own a request passes; each adds the address it saw to X-Forwarded-For."""
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_SSL_REDIRECT = SECURE
# A program that calls by HTTP is told so (kernel/doorstep.py); who asks whether the process serves stands on this machine.
SECURE_REDIRECT_EXEMPT = ["^api/", "^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("JIEAN_ORIGINS", "").split(",") if origin]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 12
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
# `jiean demo` and `jiean serve` gather the files under hashed names first; tests and tools read them where they lie
STATIC_GATHERED = os.environ.get("JIEAN_GATHER") == "1" or (DATA_DIR / "static" / "staticfiles.json").exists()
STATIC_ROOT = DATA_DIR / "static" if STATIC_GATHERED else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "jiean.config.storage.HashedFiles"
        if STATIC_GATHERED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not STATIC_GATHERED
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
MEDIA_ROOT = DATA_DIR / "media"
TILES_DIR = DATA_DIR / "tiles"
ROADS_FILE = DATA_DIR / "roads.npz"
POSITION_GATEWAY_TOKEN = os.environ.get("JIEAN_POSITION_GATEWAY_TOKEN", "")
AUDIT_KEY_FILE = Path(os.environ.get("JIEAN_AUDIT_KEY_FILE") or DATA_DIR / "audit.key")
ANCHOR_DIR = Path(os.environ.get("JIEAN_ANCHOR_DIR") or DATA_DIR / "anchors")
ERASURE_LEDGER = Path(os.environ.get("JIEAN_ERASURE_LEDGER") or DATA_DIR / "erasures.jsonl")
STATION_KEY_FILE = Path(os.environ.get("JIEAN_STATION_KEY_FILE") or DATA_DIR / "station.key")

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "reactions"
PROCRASTINATE_IMPORT_PATHS = ["jiean.kernel.jobs", "jiean.kernel.events", "jiean.kernel.housekeeping"]

SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "jiean.kernel.logs.QuietFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["err"], "level": "WARNING"},
    "loggers": {"jiean": {"level": "INFO"}, "axes": {"level": "ERROR"}, "django.request": {"level": "ERROR"}},
}
