"""Every deploy-time value is read here from the environment, with a type; the defaults serve development."""

import os
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env, EnvError, validate

from config import front_end, production
from config.log import setup
from config.web.browser_rules import POLICY
from papers import zone_rules
from recommender.encoding import addresses
from subscriptions.providers import wrong_settings

# Before anything reads a time zone: every process goes by the same rules, whatever its machine has.
zone_rules.use_newest()

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
# Where the web server listens: on an address of a private network for a proxy on another machine.
BIND_ADDRESS: str = env.str("BIND_ADDRESS", "127.0.0.1")
# Of the web server's processes: while one of two that hangs is being replaced, the other answers.
WEB_CONCURRENCY: int = env.int("WEB_CONCURRENCY", 1 if DEBUG else 2, validate=validate.Range(min=1, max=64))
SITE_URL: str = env.str("SITE_URL", f"http://127.0.0.1:{PORT or 8000}").rstrip("/")
SITE_NAME: str = env.str("SITE_NAME", "Paper Round")
LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", LOOPBACK_HOSTS)
DATABASE_URL: str = env.str("DATABASE_URL", f"sqlite:///{VAR_DIR}/paper_round.sqlite3")
# Whether DATABASE_URL leads to a pooler that shares sessions among clients, such as PgBouncer by transactions.
DATABASE_POOLED: bool = env.bool("DATABASE_POOLED", False)
LOST_AFTER_A_MINUTE = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
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
# RFC 5321 lets a server take ten minutes over a whole mail; ours look into it with filters, and seldom need one.
SMTP_ANSWER_SECONDS: int = env.int("SMTP_ANSWER_SECONDS", 120, validate=validate.Range(min=15, max=600))
SMTP_MESSAGES_PER_CONNECTION: int = env.int("SMTP_MESSAGES_PER_CONNECTION", 100, validate=validate.Range(min=1))
EMAIL_BACKEND: str = env.str("EMAIL_BACKEND", "")
ANYMAIL: Any = env.json("ANYMAIL", {})

EMBEDDING_MODEL: str = env.str(
    "EMBEDDING_MODEL", "all-MiniLM-L6-v2", validate=validate.Regexp(r"\s*\S", error="name a model, or leave it out")
)
EMBEDDING_PRECISION: str = env.str(
    "EMBEDDING_PRECISION", "auto", validate=validate.OneOf(["auto", "float32", "bfloat16"])
)
QUERY_ENCODER_SOCKET: Path = env.path("QUERY_ENCODER_SOCKET", VAR_DIR / "encoder.sock")
# Exports of models that were made beforehand, as for an image: read before the folder in VAR_DIR, and never written.
QUERY_ENCODER_EXPORTS: Path | None = env.path("QUERY_ENCODER_EXPORTS", None)
# Where it is asked on another machine, where it listens for others, and what both sides must know then.
QUERY_ENCODER_URL: str = env.str("QUERY_ENCODER_URL", "").rstrip("/")
QUERY_ENCODER_LISTEN: str = env.str("QUERY_ENCODER_LISTEN", "")
QUERY_ENCODER_KEY: str = env.str("QUERY_ENCODER_KEY", "")
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

# What reading one uploaded bibliography may take: seconds of a processor (thrice that by the clock), and memory.
LIBRARY_SECONDS: int = env.int("LIBRARY_SECONDS", 15, validate=validate.Range(min=1, max=60))
LIBRARY_MEMORY_MB: int = env.int("LIBRARY_MEMORY_MB", 512, validate=validate.Range(min=128))
LIBRARIES_PER_DAY: int = env.int("LIBRARIES_PER_DAY", 10, validate=validate.Range(min=1))

CANDIDATE_DAYS: int = env.int("CANDIDATE_DAYS", 7, validate=validate.Range(min=1, max=60))
DIGEST_SIZE: int = env.int("DIGEST_SIZE", 10, validate=validate.Range(min=1, max=50))
DIGEST_HOUR: int = env.int("DIGEST_HOUR", 8, validate=validate.Range(min=0, max=23))
RELEVANCE_FLOOR: float = env.float("RELEVANCE_FLOOR", 0.35, validate=validate.Range(min=-1, max=1))
READER_SUBJECTS: int = env.int("READER_SUBJECTS", 16, validate=validate.Range(min=1, max=100))
FEEDBACK_HALF_LIFE_DAYS: float = env.float("FEEDBACK_HALF_LIFE_DAYS", 90.0, validate=validate.Range(min=1, max=10_000))
SLOW_DOWN_AFTER_DAYS: int = env.int("SLOW_DOWN_AFTER_DAYS", 21, validate=validate.Range(min=0, max=365))
WEB_COPY_DAYS: int = env.int("WEB_COPY_DAYS", 90, validate=validate.Range(min=1, max=36_500))
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
# Whoever holds the private key of age that belongs to it can read backups, and nobody else.
BACKUP_RECIPIENT: str = env.str("BACKUP_RECIPIENT", "")
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
PREVIEWS_PER_NETWORK: int = env.int("PREVIEWS_PER_NETWORK", 3_000, validate=validate.Range(min=0))
SIGN_UPS_PER_DOMAIN: int = env.int("SIGN_UPS_PER_DOMAIN", 30, validate=validate.Range(min=1))
# Where so many people have their address that a cap of its own would refuse honest ones; the others hold for it too.
BIG_MAIL_HOSTS: list[str] = env.list(
    "BIG_MAIL_HOSTS",
    [
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com"),
        *("icloud.com", "me.com", "proton.me", "protonmail.com", "gmx.de", "gmx.net"),
        *("web.de", "fastmail.com", "qq.com", "163.com", "126.com"),
    ],
)
SIGN_UP_SECONDS: float = env.float("SIGN_UP_SECONDS", 2.0, validate=validate.Range(min=0, max=60))
# The network address of who fills in the form: proof of a consent, and one more thing to keep about a person.
RECORD_CONSENT_NETWORK: bool = env.bool("RECORD_CONSENT_NETWORK", False)
# Of one network: requests to the API, and searches on the site.
API_PER_MINUTE: int = env.int("API_PER_MINUTE", 120, validate=validate.Range(min=1))
SEARCHES_PER_MINUTE: int = env.int("SEARCHES_PER_MINUTE", 300, validate=validate.Range(min=1))
# For how long a web process shows a page that says the same to everybody before it is made anew.
PAGES_KEPT_SECONDS: float = env.float(
    "PAGES_KEPT_SECONDS", 0 if DEBUG else 60, validate=validate.Range(min=0, max=3600)
)
REDIRECT_TO_HTTPS: bool = env.bool("SECURE_SSL_REDIRECT", True)
ADMIN_PATH: str = env.str(
    "ADMIN_PATH", "admin/", validate=validate.Regexp(r"[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64})*/?\Z")
)
# Beside the password a code of the phone: in development only if it is asked for.
ADMIN_SECOND_FACTOR: bool = env.bool("ADMIN_SECOND_FACTOR", not DEBUG)
ADMIN_SESSION_HOURS: int = env.int("ADMIN_SESSION_HOURS", 12, validate=validate.Range(min=1, max=720))
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", 0, validate=validate.Range(min=0, max=5))
# A page of numbers for Prometheus, for whoever sends this token; without one there is no such page.
METRICS_TOKEN: str = env.str("METRICS_TOKEN", "")
# A folder that an operator fills with collectstatic; without it the web server fills one in VAR_DIR by itself.
STATIC_FOLDER: Path | None = env.path("STATIC_ROOT", None)
LOG_LEVEL: str = env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"]))

ADMIN_PATH = (ADMIN_PATH or "").rstrip("/") + "/"
DATABASES = {"default": env.dj_db_url("DATABASE_URL", DATABASE_URL)}

try:
    env.seal()
except EnvError as error:
    sys.exit(f"Paper Round cannot start, a setting in the environment is wrong: {error}. See README.md, 'Settings'.")


def refuse(problem: str) -> None:
    sys.exit(f"Paper Round cannot start: {problem} See README.md, 'Settings'.")


if not DEBUG and not INSTANCE_ID:
    refuse(
        "DEBUG is off, so INSTANCE_ID must be set: a name for this installation, such as papers-main, which a copy of"
        " its database elsewhere must not have."
    )
for problem in wrong_settings.ways_out(EMAIL_URL, mail_server, EMAIL_BACKEND, debug=DEBUG):
    refuse(problem)
if not isinstance(ANYMAIL, dict):
    refuse('ANYMAIL must be a JSON object such as {"POSTMARK_SERVER_TOKEN": "…"}.')
extras = {"DIGEST_ESP_EXTRA": DIGEST_ESP_EXTRA, "ACCOUNT_ESP_EXTRA": ACCOUNT_ESP_EXTRA}
for problem in wrong_settings.problems("" if EMAIL_URL else EMAIL_BACKEND, ANYMAIL, extras):
    refuse(problem)
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    refuse("METRICS_TOKEN must have 16 characters or more: whoever guesses it reads the numbers of this site.")
for problem in addresses.problems(QUERY_ENCODER_URL, QUERY_ENCODER_LISTEN, QUERY_ENCODER_KEY):
    refuse(problem)
if urlsplit(SITE_URL).scheme not in {"http", "https"} or not urlsplit(SITE_URL).netloc:
    refuse(f"SITE_URL is {SITE_URL!r}, but must look like https://papers.example.org.")

if not DEBUG:
    keys = {"SECRET_KEY": [SECRET_KEY], "ADDRESS_KEY": [ADDRESS_KEY], "SECRET_KEY_FALLBACKS": SECRET_KEY_FALLBACKS}
    for problem in (
        *production.weak_keys(DEVELOPMENT_KEY, keys),
        *production.open_hosts(ALLOWED_HOSTS, SITE_URL),
        *production.unencrypted(SITE_URL),
        *production.talkative(ANYMAIL),
    ):
        refuse(problem)

arxiv_hosts = {urlsplit(url).hostname or "" for url in (ARXIV_RSS_URL, ARXIV_OAI_URL, ARXIV_API_URL)}
if SOURCE_PAUSE < 3 and any(host.endswith("arxiv.org") for host in arxiv_hosts):
    refuse("SOURCE_PAUSE must be 3 seconds or more: arXiv's terms of use allow one request in three seconds.")

if VECTOR_INDEX == "pgvector" and DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    refuse("VECTOR_INDEX is pgvector, which needs a DATABASE_URL of PostgreSQL: set it to auto or memory.")

# Whatever is written, database, messages, mails and sockets, is for the owner of the processes alone; a folder that is
# there already is closed too, and with it all that lies in it.
os.umask(0o077)
if VAR_DIR.is_dir() and VAR_DIR.stat().st_uid == os.geteuid():
    VAR_DIR.chmod(0o700)

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
    # Behind a pooler such as PgBouncer a statement may come to another session than the one before.
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = DATABASE_POOLED
    # A database's machine that is gone says nothing: without these a worker would wait for it for a quarter of an hour.
    DATABASES["default"]["OPTIONS"] = LOST_AFTER_A_MINUTE | DATABASES["default"].get("OPTIONS", {})

if EMAIL_URL:
    vars().update(mail_server)
elif not EMAIL_BACKEND:
    EMAIL_BACKEND = "subscriptions.development.mailbox.MailboxBackend"
MAILBOX_DIR = VAR_DIR / "mailbox"
EMAIL_TIMEOUT = 15  # for each answer of a mail server but the one to the whole mail
# Every mail asks not to be tracked; a provider that cannot be asked takes it all the same, and the doctor tells.
ANYMAIL = {"REQUESTS_TIMEOUT": (3, 15), "IGNORE_UNSUPPORTED_FEATURES": True} | ANYMAIL
if isinstance(ANYMAIL["REQUESTS_TIMEOUT"], list):  # JSON knows no other word for the pair that requests wants
    ANYMAIL["REQUESTS_TIMEOUT"] = tuple(ANYMAIL["REQUESTS_TIMEOUT"])

INSTALLED_APPS = [
    "config.apps.StaffAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "anymail",
    "csp",
    "django_htmx",
    "papers",
    "recommender",
    "subscriptions",
]
MIDDLEWARE = [
    "config.web.probes.Probes",
    "config.log.requests.RequestLog",
    "config.web.browser_rules.BrowserRules",
    "config.web.browser_rules.NothingPersonalIsKept",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.web.api.for_programs",
    "config.web.bodies.limit_bodies",
    "django.middleware.security.SecurityMiddleware",
    "config.web.error_pages.with_words",
    "config.web.legible.Legible",
    "config.web.search_limit.limit_searches",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
ROOT_URLCONF = "config.urls"
CSRF_FAILURE_VIEW = "config.web.error_pages.forged"
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
                "papers.pages.views.site",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
# What a request brings is in memory, within the limits of config/web/bodies.py, and never becomes a file.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 6_000_000
STATIC_URL = "static/"
STATIC_ROOT: Path = STATIC_FOLDER or VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "templates" / "static", *front_end.FOLDERS]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

CONTENT_SECURITY_POLICY = {"DIRECTIVES": POLICY}
X_FRAME_OPTIONS = "DENY"  # the mailbox of development excepts the mail that it shows inside a frame of its own page
SECURE_REFERRER_POLICY = "same-origin"
CSRF_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True  # no script of ours reads it
# With this prefix browsers take a cookie from this very host only, over TLS; without TLS they would refuse it.
COOKIE_PREFIX = "" if DEBUG else "__Host-"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
MESSAGE_STORAGE = "config.web.host_cookies.MessageStorage"
# Only staff have sessions.
SESSION_COOKIE_AGE = (ADMIN_SESSION_HOURS or 0) * 3600
KNOWN_BROWSER_COOKIE = f"{COOKIE_PREFIX}known_browser"
if not DEBUG:
    SECURE_SSL_REDIRECT = REDIRECT_TO_HTTPS
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_REDIRECT_EXEMPT = [r"^u/"]  # a one-click unsubscribe must never be answered with a redirect
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Who guesses passwords or codes is counted by django-axes, in the ways that subscriptions/staff/throttle.py says.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = "subscriptions.staff.throttle.counted_by"
AXES_USERNAME_CALLABLE = "subscriptions.staff.throttle.counted_name"
AXES_CLIENT_IP_CALLABLE = "subscriptions.staff.throttle.network"
AXES_CLIENT_STR_CALLABLE = "subscriptions.staff.throttle.nobody"
AXES_LOCKOUT_CALLABLE = "subscriptions.staff.throttle.locked"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "csrfmiddlewaretoken", "next"]
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
OTP_TOTP_ISSUER = SITE_NAME

LOGGING = setup.settings(readable=DEBUG, level=LOG_LEVEL)
LOGGING_CONFIG = "config.log.setup.configure"

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
    # Nobody waits for it: it need not take turns with mail.
    "subscriptions.tasks.put_digests_away": {"queue": "sources"},
    # A stranger's file may keep a worker busy for most of a minute: not one of those that send mail.
    "subscriptions.tasks.read_libraries": {"queue": "libraries"},
    # Nor for the digests of two thousand readers, which are chosen and not sent.
    "subscriptions.tasks.count_reach": {"queue": "libraries"},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# A worker begins no mail after three minutes; the one on its way then must end before its task does.
CELERY_TASK_TIME_LIMIT = 300 + SMTP_ANSWER_SECONDS
CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT - 30
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message is only a hint: its sender waits for a second at most, and the sweeper finds what was lost.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 0}
# In memory, because what is due is in the database: no file to go stale, none to share between two beats.
CELERY_BEAT_SCHEDULER = "config.beat:Scheduler"
# The longest limit of a task is that of papers/tasks.py, just under an hour.
LONGEST_TASK_TWICE = 7200  # seconds
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any]
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # Whichever machine has the shortest gives out anew what all have taken: so it is long, and the same everywhere.
        "visibility_timeout": LONGEST_TASK_TWICE,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
    }
else:
    CELERY_BROKER_URL = "folder://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(VAR_DIR / "broker"), "polling_interval": 0.2}
