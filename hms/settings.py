"""All settings, in one place. Every value that differs between hospitals comes from the environment.

A missing or wrong value stops the start with a sentence. Safe for production unless DEBUG=1; a PUBLIC_URL
of http on a loopback address relaxes what needs TLS (secure cookies, HSTS) and nothing else.
"""

import os
import sys
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

from hms.lib.environment import carrier, is_loopback, number, origin, read_env_file, read_file, redis_url, value

BASE_DIR = Path(__file__).resolve().parent.parent
read_env_file(BASE_DIR / ".env")
DATA_DIR = Path(value("HMS_DATA_DIR", default="") or BASE_DIR / "var").resolve()
if "SECRET_KEY" not in os.environ:  # an installation that `make run` began: commands beside it use what it uses
    read_file(DATA_DIR / "run.env")

DEBUG = value("DEBUG", "bool", False)
PUBLIC_URL = origin("PUBLIC_URL", value("PUBLIC_URL", default="http://127.0.0.1:8000" if DEBUG else "").rstrip("/"))
LOOPBACK = is_loopback(PUBLIC_URL)
PRODUCTION = not DEBUG and not LOOPBACK
DEMO = LOOPBACK and value("HMS_DEMO", "bool", True)
if PRODUCTION and not PUBLIC_URL.startswith("https://"):
    raise ImproperlyConfigured("PUBLIC_URL must begin with https:// unless it is a loopback address.")

SECRET_KEY = value("SECRET_KEY")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
    raise ImproperlyConfigured("SECRET_KEY must be random and at least 50 characters long.")
SECRET_KEY_FALLBACKS = value("SECRET_KEY_FALLBACKS", "list", [])
ALLOWED_HOSTS = value("ALLOWED_HOSTS", "list", [])
if not ALLOWED_HOSTS:
    ALLOWED_HOSTS = [urlsplit(PUBLIC_URL).hostname]
if LOOPBACK:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [
    origin("CSRF_TRUSTED_ORIGINS", one) for one in value("CSRF_TRUSTED_ORIGINS", "list", [PUBLIC_URL])
]

INSTALLED_APPS = [
    "hms",
    "records",
    "scheduling",
    "clinic",
    "accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "accounts.admin_app.HmsAdminConfig",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "django_celery_beat",
    "phonenumber_field",
]

MIDDLEWARE = [
    "hms.middleware.GuardMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.AuthenticationMiddleware",
    "accounts.middleware.LoginRequiredMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "accounts.middleware.ConsentMiddleware",
    "accounts.middleware.RequestContextMiddleware",
    "clinic.middleware.HospitalZoneMiddleware",
    "clinic.middleware.MergedPatientMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "hms.urls"
WSGI_APPLICATION = "hms.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hms.context.page",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# The database. SQLite takes its write lock at BEGIN and waits for it: anything else answers
# "database is locked" under a race. synchronous=FULL: a booking that was acknowledged is on the disk.
DATABASES = {"default": value("DATABASE_URL", "db", f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
VENDOR = DATABASES["default"].get("ENGINE", "").rpartition(".")[2]
if VENDOR not in {"sqlite3", "postgresql"}:
    raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:/// or postgresql://.")
if VENDOR == "sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = value("DATABASE_CONN_MAX_AGE", "int", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        connect_timeout=3, options="-c lock_timeout=15s -c idle_in_transaction_session_timeout=60s"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What correctness needs (sessions, rate limits) lives in the database; Redis only makes things faster.
REDIS_URL = redis_url("REDIS_URL", value("REDIS_URL", default="redis://127.0.0.1:6379/0"))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "hms_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    "redis": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "hms",
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": False,  # hms.lib.cached notices, and leaves it alone for a while
            "SOCKET_CONNECT_TIMEOUT": 0.3,
            "SOCKET_TIMEOUT": 0.3,
        },
    },
}
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 12  # of rows nobody touches; the limits of a role (accounts.sessions) are shorter
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Celery. A wake-up has 0.3 s and one try (accounts.wake); tasks may run twice and must not mind.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "global_keyprefix": "hms:"}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 15 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
DJANGO_CELERY_BEAT_TZ_AWARE = True

# People.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AccountBackend"]
PASSWORD_HASHERS = [
    "accounts.hashers.Argon2id",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.SiteWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "signup": "clinic.forms.RegistrationForm",
    "reauthenticate": "accounts.forms.PasswordAgainForm",
    "add_email": "accounts.forms.library.NewAddressForm",
    "change_password": "accounts.forms.library.NewPasswordForm",
    "reset_password": "accounts.forms.library.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.forms.library.PasswordByLinkForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(PUBLIC_URL).scheme
ACCOUNT_CHANGE_EMAIL = True  # one address per account; a new one replaces it once it is confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that registered, and nowhere else
ACCOUNT_LOGIN_TIMEOUT = 6 * 60 * 60  # how long that browser may wait for the mail
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before the address is changed
ACCOUNT_RATE_LIMITS = {  # wide per network address, which many people share
    "login": None,
    "login_failed": None,  # accounts.limits counts these
    "signup": "200/m/ip",
    "reset_password": "200/m/ip,5/5m/key",
    "reset_password_from_key": "200/m/ip",
    "confirm_email": "1/3m/key",
}
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody gets in unconfirmed; an address that waits to replace one hinders nothing
MFA_TOTP_TOLERANCE = 1  # clocks of telephones are off; no code counts twice (accounts.services.second_factor)
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.CodeAgainForm",
    "authenticate_webauthn": "accounts.forms.PasskeyStepForm",
    "reauthenticate_webauthn": "accounts.forms.PasskeyAgainForm",
    "login_webauthn": "accounts.forms.PasskeySignInForm",
}
PASSWORD_RESET_TIMEOUT = 60 * 60
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if value("BEHIND_PROXY", "bool", False) else 0

# The audit trail's proof lives outside the database: its key, and the newest seal (accounts.services.sealing).
AUDIT_KEY = value("AUDIT_KEY", default="")
AUDIT_KEY_FILE = DATA_DIR / "audit_key"
AUDIT_SEAL_FILE = DATA_DIR / "audit_seal.json"

# Mail.
EMAIL_CONFIG = value("EMAIL_URL", "email_url", "" if PRODUCTION else f"filemail:///{quote(str(DATA_DIR / 'mail'))}")
if PRODUCTION and not value("EMAIL_URL", default=""):
    raise ImproperlyConfigured("EMAIL_URL is not set: patients could not be told anything. See .env.example.")
vars().update(EMAIL_CONFIG)
if EMAIL_CONFIG["EMAIL_BACKEND"].endswith("filebased.EmailBackend"):
    EMAIL_BACKEND = "accounts.mail.FolderBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = value("DEFAULT_FROM_EMAIL", default=f"hms@{urlsplit(PUBLIC_URL).hostname}")
if "@" not in parseaddr(DEFAULT_FROM_EMAIL)[1]:
    raise ImproperlyConfigured(f"DEFAULT_FROM_EMAIL must be a mail address, not {DEFAULT_FROM_EMAIL!r}.")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# SMS and chat, each an address of Apprise with {to} where the recipient goes; empty: not offered.
SMS_URL = carrier("SMS_URL", value("SMS_URL", default=""))
CHAT_URL = carrier("CHAT_URL", value("CHAT_URL", default=""))
CARRIER_TIMEOUT = 10  # seconds for connecting, and again for the answer

# Time and language. TIME_ZONE is what a new hospital begins with; the hospital's own row decides from then on.
TIME_ZONE = value("TIME_ZONE", default="UTC")
try:
    ZoneInfo(TIME_ZONE)
except Exception:
    raise ImproperlyConfigured(f"TIME_ZONE names no time zone: {TIME_ZONE!r}. An example: Europe/Berlin.") from None
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]  # those with a translation: what people may choose from
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["hms.formats"]
PHONENUMBER_DEFAULT_FORMAT = "INTERNATIONAL"  # how people read them; the database keeps E.164

# Files.
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
EXPORT_ROOT = DATA_DIR / "exports"
IMPORT_ROOT = DATA_DIR / "imports"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # nothing asks for the others, and compressing takes its time
MAX_BODY_BYTES = 12 * 1024 * 1024
MAX_BODY_BYTES_AT = {"/imports/new/": 32 * 1024 * 1024}  # whole lists of patients; as in deploy/nginx.conf
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# The shell around every answer.
SECURE = not LOOPBACK and not DEBUG
CSRF_FAILURE_VIEW = "hms.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "hms_session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "hms_csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if value("BEHIND_PROXY", "bool", False) else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
LOG_LEVEL = value("LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in LEVELS:
    raise ImproperlyConfigured(f"LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not {LOG_LEVEL!r}.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "hms.lib.masking.Line",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
            "datefmt": "%Y-%m-%dT%H:%M:%S%z",
        }
    },
    "filters": {"mask": {"()": "hms.lib.masking.MaskPaths"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["mask"],
            "stream": sys.stderr,
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "apprise": {"level": "CRITICAL"},  # names telephone numbers otherwise; the outcome stands in the message's row
        "fido2": {"level": "WARNING"},  # names the numbers of passkeys otherwise
        "django.request": {"level": "ERROR"},  # what is refused stands in hms.refused, once and with the account
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # strangers' probes; the access log has them
    },
}

# The web server (hms/gunicorn.py): its processes, the threads of each, and the proxies it believes.
WEB_WORKERS = number("WEB_WORKERS", 2)
WEB_THREADS = number("WEB_THREADS", 4)
FORWARDED_ALLOW_IPS = value("FORWARDED_ALLOW_IPS", default="127.0.0.1,::1")
