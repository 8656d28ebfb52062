"""Every setting, read from the environment in one place; `docs/settings.md` explains each variable.

The defaults suit a newcomer on his own machine. Production is the same file with other variables:
nothing here asks which environment it is in, except `DEBUG`.
"""

import secrets
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from celery.beat import BeatLazyFunc
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import make_conninfo

from clienteling import environment, environment_mail
from clienteling.celery import sweep_is_void_at
from clienteling.embedded import EmbeddedServer

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = environment.folder("CLIENTELING_VAR", BASE_DIR / "var")

# --- Django's own -------------------------------------------------------------------------------
DEBUG = environment.flag("DEBUG", False)
SECRET_KEY = environment.text("SECRET_KEY")
if not SECRET_KEY:
    # Good for tests and single commands; `check --deploy` insists on a lasting one.
    SECRET_KEY = "django-insecure-" + secrets.token_urlsafe(32)
# Under this key the addresses of erased people are remembered: it must outlive a new SECRET_KEY.
ERASURE_KEY = environment.text("ERASURE_KEY") or SECRET_KEY
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "localhost,127.0.0.1")
PUBLIC_BASE_URL = environment.text("PUBLIC_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
PUBLIC_ADDRESS = urlsplit(PUBLIC_BASE_URL)
if PUBLIC_ADDRESS.scheme not in {"http", "https"} or not PUBLIC_ADDRESS.netloc:
    raise ImproperlyConfigured(
        f"PUBLIC_BASE_URL must look like https://notes.example.com, not {PUBLIC_BASE_URL!r}."
    )
SERVED_OVER_HTTPS = PUBLIC_ADDRESS.scheme == "https"

INSTALLED_APPS = [
    "clienteling.apps.ClientelingConfig",
    "catalog.apps.CatalogConfig",
    "customers.apps.CustomersConfig",
    "outreach.apps.OutreachConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "clienteling.tablets.lock.LockMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clienteling.http.PrivatePagesMiddleware",
]

ROOT_URLCONF = "clienteling.urls"
WSGI_APPLICATION = "clienteling.wsgi.application"

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
                "clienteling.navigation.frame",
            ],
            "builtins": ["clienteling.templatetags.parts"],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja2"],
        "OPTIONS": {"environment": "clienteling.jinja.environment"},
    },
]

AUTH_USER_MODEL = "clienteling.User"
AUTHENTICATION_BACKENDS = [
    "clienteling.backends.StaffBackend",
    "clienteling.backends.PinBackend",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "day"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"  # each store has its own; see clienteling.models.Store
USE_I18N = True
USE_TZ = True
CURRENCY = environment.text("CURRENCY", "USD")

# --- Database -----------------------------------------------------------------------------------
DATABASE_URL = environment.text("DATABASE_URL")
EMBEDDED = None if DATABASE_URL else EmbeddedServer(VAR / "postgres")
if EMBEDDED:
    _database: dict[str, Any] = {
        "NAME": "clienteling",
        "USER": "postgres",
        "HOST": str(EMBEDDED.socket_folder),
    }
else:
    try:
        _database = dict(dj_database_url.parse(DATABASE_URL))
    except (ValueError, dj_database_url.ParseError):
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgres://user:password@host:5432/name."
        ) from None
    if "postgresql" not in _database["ENGINE"]:
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL server (postgres://…).")
DATABASE_POOL_SIZE = environment.whole_number("DATABASE_POOL_SIZE", 16, least=1)
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_database.get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 10},
        },
    }
}

# --- Celery: tasks carry ids; what must happen is in our own tables (docs/architecture.md) ------
CELERY_BROKER_URL = environment.text("CELERY_BROKER_URL") or environment.text(
    "REDIS_URL", "pgmq://"
)
BROKER_IS_POSTGRES = CELERY_BROKER_URL.startswith("pgmq")
VISIBILITY_SECONDS = 300  # longer than the hardest task limit, or a task would start twice
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 100
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_ROUTES = {
    "outreach.tasks.deliver_message": {"queue": "send"},
    "outreach.tasks.count_answers": {"queue": "bulk"},
    "outreach.tasks.tell_evenings": {"queue": "bulk"},
    "outreach.tasks.record_decisions": {"queue": "bulk"},
    "customers.tasks.*": {"queue": "bulk"},
}
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
OUTBOX_SWEEP_SECONDS = environment.whole_number("OUTBOX_SWEEP_SECONDS", 15, least=1)
NIGHTLY_UTC_HOUR = environment.whole_number("NIGHTLY_UTC_HOUR", 9)
CELERY_BEAT_SCHEDULE = {
    "sweep-outbox": {
        "task": "outreach.tasks.sweep_outbox",
        "schedule": OUTBOX_SWEEP_SECONDS,
        "kwargs": {"until": BeatLazyFunc(sweep_is_void_at)},
    },
    "ask-for-receipts": {
        "task": "outreach.tasks.ask_for_receipts",
        "schedule": 300,
        "options": {"expires": 600},
    },
    "tidy-pages": {
        "task": "outreach.tasks.tidy_pages",
        "schedule": 300,
        "options": {"expires": 600},
    },
    "refresh-suggestions": {
        "task": "customers.tasks.refresh_suggestions",
        "schedule": crontab(hour=NIGHTLY_UTC_HOUR, minute=0),
        "options": {"expires": 3600},
    },
    "record-decisions": {
        "task": "outreach.tasks.record_decisions",
        "schedule": crontab(hour=NIGHTLY_UTC_HOUR, minute=10),
        "options": {"expires": 3600},
    },
    "learn-blend": {
        "task": "customers.tasks.learn_blend",
        "schedule": crontab(hour=(NIGHTLY_UTC_HOUR - 2) % 24, minute=0, day_of_week="sunday"),
        "options": {"expires": 3600},
    },
    "tell-evenings": {
        "task": "outreach.tasks.tell_evenings",
        "schedule": 300,
        "options": {"expires": 600},
    },
    "note-ignored-items": {
        "task": "outreach.tasks.note_ignored_items",
        "schedule": crontab(hour=(NIGHTLY_UTC_HOUR - 1) % 24, minute=30),
        "options": {"expires": 3600},
    },
    "count-answers": {
        "task": "outreach.tasks.count_answers",
        "schedule": crontab(hour=(NIGHTLY_UTC_HOUR - 1) % 24, minute=45),
        "options": {"expires": 3600},
    },
    "reconcile-messages": {
        "task": "outreach.tasks.reconcile_messages",
        "schedule": crontab(hour=(NIGHTLY_UTC_HOUR - 1) % 24, minute=15),
        "options": {"expires": 3600},
    },
}
if BROKER_IS_POSTGRES:
    CELERY_WORKER_PREFETCH_MULTIPLIER = 4
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # its queue names pass PGMQ's 47 characters
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "conn_string": make_conninfo(
            host=_database["HOST"],
            port=_database.get("PORT") or None,
            user=_database["USER"],
            password=_database.get("PASSWORD") or None,
            dbname=_database["NAME"],
        ),
        "init_extension": False,
        "visibility_timeout": VISIBILITY_SECONDS,
        "polling_interval": 0.2,
        "wait_time_seconds": 0,
        # Kombu renews the trigger that would announce a task from every process that starts or
        # publishes, and two at once break each other. A look five times a second does without.
        "use_notify": False,
        "pool_size": 2,
        "pool_timeout": 5,
    }
else:
    CELERY_WORKER_PREFETCH_MULTIPLIER = 1
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": VISIBILITY_SECONDS,
        "unacked_restore_throttle": 1,  # kombu 5.7 looks only every 100 s otherwise
    }

# --- Messages -----------------------------------------------------------------------------------
UNDO_SECONDS = environment.whole_number("UNDO_SECONDS", 8)
OUTBOX_GRACE_SECONDS = environment.whole_number("OUTBOX_GRACE_SECONDS", 120, least=1)
TWILIO_ACCOUNT_SID = environment.text("TWILIO_ACCOUNT_SID")
TWILIO_AUTH_TOKEN = environment.text("TWILIO_AUTH_TOKEN")
TWILIO_MESSAGING_SERVICE_SID = environment.text("TWILIO_MESSAGING_SERVICE_SID")
TWILIO_FROM_NUMBER = environment.text("TWILIO_FROM_NUMBER")
TWILIO_API_BASE_URL = environment.text("TWILIO_API_BASE_URL")
TWILIO_TIMEOUT_SECONDS = environment.whole_number("TWILIO_TIMEOUT_SECONDS", 15, least=1)
TWILIO_IS_CONFIGURED = bool(TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN)
if bool(TWILIO_ACCOUNT_SID) != bool(TWILIO_AUTH_TOKEN):
    raise ImproperlyConfigured("TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN belong together.")
if TWILIO_IS_CONFIGURED and not (TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM_NUMBER):
    raise ImproperlyConfigured(
        "Twilio needs a sender: set TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM_NUMBER."
    )
EMAIL_URL = environment.text("EMAIL_URL")
EMAIL_SENDER = environment.text("EMAIL_SENDER", "Clienteling <notes@localhost>")
EMAIL_TIMEOUT = environment.whole_number("EMAIL_TIMEOUT_SECONDS", 15, least=1)
EMAIL_REPLY_TO = environment_mail.reply_address(environment.text("EMAIL_REPLY_TO"))
EMAIL_WEBHOOK_SECRET = environment_mail.webhook_secret(environment.text("EMAIL_WEBHOOK_SECRET"))
EMAIL_SERVICE = environment_mail.service(EMAIL_URL)
ANYMAIL = environment_mail.anymail_settings(
    EMAIL_URL, secret=EMAIL_WEBHOOK_SECRET, timeout=EMAIL_TIMEOUT
)
IMAP_MAILBOX = environment_mail.mailbox(environment.text("IMAP_URL"))
IMAP_POLL_SECONDS = environment.whole_number("IMAP_POLL_SECONDS", 60, least=10)
if IMAP_MAILBOX:
    CELERY_BEAT_SCHEDULE["poll-mailbox"] = {
        "task": "outreach.tasks.poll_mailbox",
        "schedule": IMAP_POLL_SECONDS,
        "options": {"expires": IMAP_POLL_SECONDS},
    }
SIMULATOR_IS_ON = DEBUG and not (TWILIO_IS_CONFIGURED or EMAIL_URL)
DEFAULT_REGION = environment.text("DEFAULT_REGION", "US")  # how a number without +country is read

# --- The demo -----------------------------------------------------------------------------------
DEMO_PASSWORD = environment.text("DEMO_PASSWORD", "clienteling-demo")
DEMO_CLOCK: time | None = environment.time_of_day("DEMO_CLOCK", None)
if DEMO_CLOCK and not DEBUG:
    raise ImproperlyConfigured("DEMO_CLOCK is for the demo shop only: unset it, or set DEBUG=1.")

# --- Files --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = environment.folder("MEDIA_FOLDER", VAR / "media")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # halves the files to compress
WHITENOISE_MAX_AGE = 31_536_000 if not DEBUG else 60
FILE_UPLOAD_PERMISSIONS = 0o644

# --- Security -----------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SERVED_OVER_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked over plain http from inside
SECURE_HSTS_SECONDS = 31_536_000 if SERVED_OVER_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SERVED_OVER_HTTPS
SECURE_HSTS_PRELOAD = SERVED_OVER_HTTPS
SESSION_COOKIE_SECURE = SERVED_OVER_HTTPS
CSRF_COOKIE_SECURE = SERVED_OVER_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600  # a shift
# How long a shared tablet may lie untouched before it locks.
TABLET_LOCK_SECONDS = environment.whole_number("TABLET_LOCK_SECONDS", 180, least=5)
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]
BEHIND_TLS_PROXY = environment.flag("BEHIND_TLS_PROXY", False)
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# --- Logs: ids, never an address or the words of a message ---------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "kombu.connection": {"level": "ERROR"},  # PGMQ has no host name to complain about
        "urllib3": {"level": "INFO"},  # its debug lines would hold telephone numbers
    },
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "WARNING").upper()},
}
