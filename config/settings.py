"""Every deploy-time value is read here from the environment, with a type; the defaults serve development."""

import sys
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env, EnvError, validate

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env(eager=False)

DEBUG: bool = env.bool("DEBUG", True)
DEVELOPMENT_KEY = "development-only-key-never-used-where-DEBUG-is-off"
SECRET_KEY: str = env.str("SECRET_KEY", DEVELOPMENT_KEY)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
# Suppressed addresses are known by a hash under this key: it must survive a rotation of SECRET_KEY.
ADDRESS_KEY: str = env.str("ADDRESS_KEY", SECRET_KEY)
VAR_DIR: Path = env.path("VAR_DIR", BASE_DIR / "var")
PORT: int = env.int("PORT", 8000, validate=validate.Range(min=1, max=65535))
SITE_URL: str = env.str("SITE_URL", f"http://127.0.0.1:{PORT or 8000}").rstrip("/")
SITE_NAME: str = env.str("SITE_NAME", "Paper Round")
LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", LOOPBACK_HOSTS)
DATABASE_URL: str = env.str("DATABASE_URL", f"sqlite:///{VAR_DIR}/paper_round.sqlite3")
REDIS_URL: str = env.str("REDIS_URL", "")
SENDING_ENABLED: bool = env.bool("SENDING_ENABLED", True)
# Only the instance that the database knows by this name sends: a restored copy gets another one, and is silent.
INSTANCE_ID: str = env.str("INSTANCE_ID", "development" if DEBUG else "", validate=validate.Length(max=64))

DEFAULT_FROM_EMAIL: str = env.str("DIGEST_FROM", "Paper Round <digest@localhost>")
ACCOUNT_FROM_EMAIL: str = env.str("ACCOUNT_FROM", "Paper Round <hello@localhost>")
REPLY_TO: str = env.str("REPLY_TO", "")
# What a provider's backend takes besides, such as {"MessageStream": "broadcast"}.
DIGEST_ESP_EXTRA: Any = env.json("DIGEST_ESP_EXTRA", {})
ACCOUNT_ESP_EXTRA: Any = env.json("ACCOUNT_ESP_EXTRA", {})
EMAIL_URL: str = env.str("EMAIL_URL", "")
mail_server: dict[str, Any] = env.dj_email_url("EMAIL_URL", "")
EMAIL_BACKEND: str = env.str("EMAIL_BACKEND", "")
ANYMAIL: Any = env.json("ANYMAIL", {})

EMBEDDING_MODEL: str = env.str("EMBEDDING_MODEL", "all-MiniLM-L6-v2")
QUERY_ENCODER_SOCKET: Path = env.path("QUERY_ENCODER_SOCKET", VAR_DIR / "encoder.sock")
QUERY_ENCODER_TIMEOUT: float = env.float("QUERY_ENCODER_TIMEOUT", 2.0, validate=validate.Range(min=0.05, max=30))
VECTOR_INDEX: str = env.str("VECTOR_INDEX", "auto", validate=validate.OneOf(["auto", "memory", "pgvector"]))

HUGGINGFACE_URL: str = env.str("HUGGINGFACE_URL", "https://huggingface.co/api/daily_papers")
ARXIV_RSS_URL: str = env.str("ARXIV_RSS_URL", "https://rss.arxiv.org/rss")
ARXIV_CATEGORIES: list[str] = env.list(
    "ARXIV_CATEGORIES", ["cs", "stat", "eess", "math", "physics", "q-bio", "quant-ph", "cond-mat"]
)
ARXIV_OAI_URL: str = env.str("ARXIV_OAI_URL", "https://oaipmh.arxiv.org/oai")
ARXIV_API_URL: str = env.str("ARXIV_API_URL", "https://export.arxiv.org/api/query")
ARXIV_HOLIDAYS: list[date] = env.list("ARXIV_HOLIDAYS", [], subcast=date.fromisoformat)
GITHUB_API_URL: str = env.str("GITHUB_API_URL", "https://api.github.com")
GITHUB_TOKEN: str = env.str("GITHUB_TOKEN", "")
SOURCE_PAUSE: float = env.float("SOURCE_PAUSE", 3.0, validate=validate.Range(min=0, max=600))
SOURCE_TIMEOUT: float = env.float("SOURCE_TIMEOUT", 10.0, validate=validate.Range(min=0.1, max=120))

CANDIDATE_DAYS: int = env.int("CANDIDATE_DAYS", 7, validate=validate.Range(min=1, max=60))
DIGEST_SIZE: int = env.int("DIGEST_SIZE", 10, validate=validate.Range(min=1, max=50))
DIGEST_HOUR: int = env.int("DIGEST_HOUR", 8, validate=validate.Range(min=0, max=23))
RELEVANCE_FLOOR: float = env.float("RELEVANCE_FLOOR", 0.35, validate=validate.Range(min=-1, max=1))
READER_SUBJECTS: int = env.int("READER_SUBJECTS", 16, validate=validate.Range(min=1, max=100))
FEEDBACK_HALF_LIFE_DAYS: float = env.float("FEEDBACK_HALF_LIFE_DAYS", 90.0, validate=validate.Range(min=1, max=10_000))
LATENESS_HOURS: int = env.int("LATENESS_HOURS", 6, validate=validate.Range(min=1, max=48))
LEASE_SECONDS: int = env.int("LEASE_SECONDS", 600, validate=validate.Range(min=5, max=3600))
UNCERTAIN_AFTER_SECONDS: int = env.int("UNCERTAIN_AFTER_SECONDS", 900, validate=validate.Range(min=5, max=86_400))
ON_UNCERTAIN: str = env.str("ON_UNCERTAIN", "hold", validate=validate.OneOf(["hold", "resend"]))
SPREAD_MINUTES: int = env.int("SPREAD_MINUTES", 0 if DEBUG else 10, validate=validate.Range(min=0, max=180))
EDITION_WAIT_MINUTES: int = env.int(
    "EDITION_WAIT_MINUTES", 0 if DEBUG else 90, validate=validate.Range(min=0, max=1440)
)
QUEUE_LIMIT: int = env.int("QUEUE_LIMIT", 2000, validate=validate.Range(min=1))
PROVIDER_RATE_PER_SECOND: float = env.float("PROVIDER_RATE_PER_SECOND", 0.0, validate=validate.Range(min=0))
PROVIDER_RATE_PER_DAY: int = env.int("PROVIDER_RATE_PER_DAY", 0, validate=validate.Range(min=0))
# Asked with GET after each planning and after each run that came out even: a watcher outside alarms when they stop.
PING_BEAT_URL: str = env.str("PING_BEAT_URL", "")
PING_URL: str = env.str("PING_URL", "")
# For the doctor: a selector of the From domain, or a whole name such as "s1._domainkey.example.org".
DKIM_SELECTORS: list[str] = env.list("DKIM_SELECTORS", [])
DOCTOR_NAMESERVER: str = env.str("DOCTOR_NAMESERVER", "")
# Shares of a day's mail: beyond them all sending stops until an operator resumes it.
BOUNCE_LIMIT: float = env.float("BOUNCE_LIMIT", 0.05, validate=validate.Range(min=0.0001, max=1))
COMPLAINT_LIMIT: float = env.float("COMPLAINT_LIMIT", 0.001, validate=validate.Range(min=0.0001, max=1))
# Reports of Amazon SES are taken from these SNS topics only, since their signature is not verified.
SES_TOPIC_ARNS: list[str] = env.list("SES_TOPIC_ARNS", [])
WEBHOOK_MAX_AGE_SECONDS: int = env.int("WEBHOOK_MAX_AGE_SECONDS", 300, validate=validate.Range(min=30))

SIGN_UPS_PER_HOUR: int = env.int("SIGN_UPS_PER_HOUR", 200, validate=validate.Range(min=1))
SIGN_UPS_WITHOUT_PROOF: int = env.int(
    "SIGN_UPS_WITHOUT_PROOF", (SIGN_UPS_PER_HOUR or 0) // 2, validate=validate.Range(min=0)
)
SIGN_UPS_PER_NETWORK: int = env.int("SIGN_UPS_PER_NETWORK", 20, validate=validate.Range(min=1))
SIGN_UPS_PER_DOMAIN: int = env.int("SIGN_UPS_PER_DOMAIN", 30, validate=validate.Range(min=1))
# Where so many people have their address that a cap of its own would refuse honest ones; the others hold for it too.
BIG_MAIL_HOSTS: list[str] = env.list(
    "BIG_MAIL_HOSTS",
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "yahoo.com",
        "icloud.com",
        "me.com",
        "proton.me",
        "protonmail.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "fastmail.com",
        "qq.com",
        "163.com",
        "126.com",
    ],
)
SIGN_UP_SECONDS: float = env.float("SIGN_UP_SECONDS", 2.0, validate=validate.Range(min=0, max=60))
# The network address of who fills in the form: proof of a consent, and one more thing to keep about a person.
RECORD_CONSENT_NETWORK: bool = env.bool("RECORD_CONSENT_NETWORK", False)
REDIRECT_TO_HTTPS: bool = env.bool("SECURE_SSL_REDIRECT", True)
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", 0, validate=validate.Range(min=0, max=5))

DATABASES = {"default": env.dj_db_url("DATABASE_URL", DATABASE_URL)}

try:
    env.seal()
except EnvError as error:
    sys.exit(f"Paper Round cannot start, a setting in the environment is wrong: {error}. See README.md, 'Settings'.")


def refuse(problem: str) -> None:
    sys.exit(f"Paper Round cannot start: {problem} See README.md, 'Settings'.")


if not DEBUG and SECRET_KEY in {"", DEVELOPMENT_KEY}:
    refuse("DEBUG is off, so SECRET_KEY must be set to a long random text of your own.")
if not DEBUG and not INSTANCE_ID:
    refuse(
        "DEBUG is off, so INSTANCE_ID must be set: a name for this installation, such as papers-main, which a copy of"
        " its database elsewhere must not have."
    )
if not DEBUG and not (EMAIL_BACKEND or EMAIL_URL):
    refuse("DEBUG is off, so set EMAIL_URL (SMTP) or EMAIL_BACKEND and ANYMAIL (a mail provider).")
if EMAIL_URL and "EMAIL_BACKEND" not in mail_server:
    refuse("EMAIL_URL must look like submission://user:password@mail.example.org:587.")
if not isinstance(ANYMAIL, dict):
    refuse('ANYMAIL must be a JSON object such as {"POSTMARK_SERVER_TOKEN": "…"}.')
if urlsplit(SITE_URL).scheme not in {"http", "https"} or not urlsplit(SITE_URL).netloc:
    refuse(f"SITE_URL is {SITE_URL!r}, but must look like https://papers.example.org.")

arxiv_hosts = {urlsplit(url).hostname or "" for url in (ARXIV_RSS_URL, ARXIV_OAI_URL, ARXIV_API_URL)}
if SOURCE_PAUSE < 3 and any(host.endswith("arxiv.org") for host in arxiv_hosts):
    refuse("SOURCE_PAUSE must be 3 seconds or more: arXiv's terms of use allow one request in three seconds.")

if VECTOR_INDEX == "pgvector" and DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    refuse("VECTOR_INDEX is pgvector, which needs a DATABASE_URL of PostgreSQL: set it to auto or memory.")

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    try:
        Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        refuse(f"the folder of DATABASE_URL cannot be made ({error.strerror}: {error.filename}).")
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        # A claim must survive a power cut, hence FULL: WAL alone would only keep the file consistent.
        # And what is erased must not lie on in free pages of the file, hence secure_delete.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}

if EMAIL_URL:
    vars().update(mail_server)
elif not EMAIL_BACKEND:
    EMAIL_BACKEND = "subscriptions.mailbox.MailboxBackend"
MAILBOX_DIR = VAR_DIR / "mailbox"
EMAIL_TIMEOUT = 15
# Every mail asks not to be tracked; a provider that cannot be asked takes it all the same, and the doctor tells.
ANYMAIL = {"REQUESTS_TIMEOUT": (3, 15), "IGNORE_UNSUPPORTED_FEATURES": True} | ANYMAIL
if isinstance(ANYMAIL["REQUESTS_TIMEOUT"], list):  # JSON knows no other word for the pair that requests wants
    ANYMAIL["REQUESTS_TIMEOUT"] = tuple(ANYMAIL["REQUESTS_TIMEOUT"])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "anymail",
    "django_htmx",
    "papers",
    "recommender",
    "subscriptions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "papers.views.site",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

X_FRAME_OPTIONS = "SAMEORIGIN"  # the mailbox of development shows a mail inside a frame of its own page
SECURE_REFERRER_POLICY = "same-origin"
CSRF_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE = "Lax"
if not DEBUG:
    X_FRAME_OPTIONS = "DENY"
    SECURE_SSL_REDIRECT = REDIRECT_TO_HTTPS
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_REDIRECT_EXEMPT = [r"^u/"]  # a one-click unsubscribe must never be answered with a redirect
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        name: {"handlers": ["console"], "level": "INFO"} for name in ("papers", "recommender", "subscriptions")
    },
}

CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "mail"
# A queue of their own: how many of them wait is counted, and a thousand must not stand before the planning and the
# account mails, which workers that serve both queues take in turn.
DIGEST_QUEUE = "digests"
CELERY_TASK_ROUTES = {
    "subscriptions.tasks.deliver_digests": {"queue": DIGEST_QUEUE},
    "recommender.tasks.*": {"queue": "embed"},
    "subscriptions.tasks.embed_interests": {"queue": "embed"},
    "papers.tasks.*": {"queue": "sources"},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message is only a nudge: who gives one waits for a second at most, and what was lost is found by the sweeper.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 0}
# In memory, because what is due is in the database: no file to go stale, none to share between two beats.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any]
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 900,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
    }
else:
    CELERY_BROKER_URL = "folder://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(VAR_DIR / "broker"), "polling_interval": 0.2}
