"""What mail programs and providers are told, on the raw bytes and in what Anymail's backends would post."""

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client

from papers.models import Paper
from subscriptions import checks
from subscriptions.delivery import outbox
from subscriptions.mails import emails
from subscriptions.mails.mime import encoded_header
from subscriptions.models import AccountMail, AccountMailKind, Digest, Subscriber
from tests.subscriptions.conftest import MORNING, axis
from tests.subscriptions.mails.letters import make_digest, parsed, part, writer_of

pytestmark = pytest.mark.django_db
ONE_CLICK = re.compile(rb"\r\nList-Unsubscribe: <(https://[!-~]+/u/[\w-]{22})>\r\n")


@pytest.fixture(autouse=True)
def _a_real_site(settings: Any) -> None:
    settings.SITE_URL = "https://papers.example.org"
    settings.SITE_NAME = "Pápér Round"
    settings.DEFAULT_FROM_EMAIL = "Pápér Round: daily, @home <digest@mail.example.org>"
    settings.ACCOUNT_FROM_EMAIL = "Paper Round <hello@accounts.example.org>"
    settings.REPLY_TO = "Help <help@example.org>"
    settings.DIGEST_ESP_EXTRA = {"MessageStream": "broadcast"}
    settings.ACCOUNT_ESP_EXTRA = {"MessageStream": "outbound"}


@pytest.fixture
def digest(make_paper: Callable[..., Paper], make_subscriber: Callable[..., Subscriber]) -> Digest:
    title = "ℓ₁ 🦉 \u202eshalom שלום\r\nBcc: eve@example.org " + "and more of it " * 2_000
    return make_digest(make_subscriber(), [make_paper(1, axis(0), title=title)])


@pytest.fixture
def account_mail(make_subscriber: Callable[..., Subscriber]) -> AccountMail:
    subscriber = make_subscriber("bob@example.org", follows=())
    consent = subscriber.consents.create(form_text_hash="hash", requested_at=MORNING)
    kind = AccountMailKind.CONFIRM
    return AccountMail.objects.create(subscriber=subscriber, consent=consent, kind=kind, next_attempt_at=MORNING)


def sent_through(sink: Any, message: EmailMultiAlternatives) -> bytes:
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with get_connection(backend, host="127.0.0.1", port=sink.port) as connection:
        connection.send_messages([message])
    return bytes(sink.raw[-1])


def headers(raw: bytes) -> dict[str, str]:
    message = parsed(raw)
    assert len(set(message.keys())) == len(message.keys())
    return {name: str(value).strip() for name, value in message.items()}


def test_a_digest_on_the_wire_has_the_headers_of_a_list(digest: Digest, smtp_sink: Any) -> None:
    raw = sent_through(smtp_sink, writer_of(digest).mail(digest))
    head = raw.partition(b"\r\n\r\n")[0]
    assert len(ONE_CLICK.findall(raw)) == raw.lower().count(b"list-unsubscribe:") == 1
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert max(map(len, head.split(b"\r\n"))) <= 76
    assert raw.isascii()
    found = headers(raw)
    assert found["List-Id"] == "Paper Round <digest.mail.example.org>"
    assert found["From"] == "Pápér Round daily home <digest@mail.example.org>"
    assert found["Reply-To"] == "Help <help@example.org>"
    assert found["Feedback-ID"] == "digest:papers.example.org:paper-round"
    assert found["Message-ID"] == f"<{bytes(digest.handle).hex()}@mail.example.org>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert found["MIME-Version"] == "1.0"
    assert parsed(raw)["Date"].datetime == MORNING
    assert "Bcc" not in found
    assert len(found["Subject"]) <= 150
    assert "ℓ₁ 🦉 shalom שלום Bcc: eve@example.org and more" in found["Subject"]
    assert [one.get_content_type() for one in parsed(raw).iter_parts()] == ["text/plain", "text/html"]


def test_the_link_taken_from_the_raw_bytes_unsubscribes_without_cookie_redirect_or_login(
    digest: Digest, smtp_sink: Any, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["papers.example.org"]
    [url] = ONE_CLICK.findall(sent_through(smtp_sink, writer_of(digest).mail(digest)))
    path = url.decode().removeprefix("https://papers.example.org")
    client = Client(enforce_csrf_checks=True, headers={"host": "papers.example.org"})
    answer = client.post(path, {"List-Unsubscribe": "One-Click"}, secure=True)
    assert answer.status_code == 200
    assert Subscriber.objects.get(pk=digest.subscriber_id).status == "unsubscribed"


def test_a_second_attempt_keeps_the_id_and_tells_its_own_time(digest: Digest) -> None:
    later = MORNING + timedelta(hours=1)
    first, second = [writer_of(digest, now=now).mail(digest).message().as_bytes() for now in (MORNING, later)]
    assert headers(first)["Message-ID"] == headers(second)["Message-ID"]
    assert parsed(second)["Date"].datetime == later
    assert first.partition(b"\r\n\r\n")[2] == second.partition(b"\r\n\r\n")[2]


def test_an_account_mail_has_a_sender_and_an_id_of_its_own(account_mail: AccountMail, smtp_sink: Any) -> None:
    found = [headers(sent_through(smtp_sink, emails.account_mail(account_mail, MORNING))) for _ in range(2)]
    assert found[0]["From"] == "Paper Round <hello@accounts.example.org>"
    assert re.fullmatch(r"<[0-9a-f]{32}@accounts\.example\.org>", found[0]["Message-ID"])
    assert found[0]["Message-ID"] == found[1]["Message-ID"]
    assert found[0]["Feedback-ID"] == "account-confirm:papers.example.org:paper-round"
    assert found[0]["Auto-Submitted"] == "auto-generated"
    assert found[0]["Reply-To"] == "Help <help@example.org>"
    assert "List-Unsubscribe" not in found[0]


# What Anymail's backends would post to a provider.
PROVIDERS = {
    "postmark": ({"POSTMARK_SERVER_TOKEN": "token"}, "postmark"),
    "mailgun": ({"MAILGUN_API_KEY": "key", "MAILGUN_SENDER_DOMAIN": "mail.example.org"}, "mailgun"),
    "resend": ({"RESEND_API_KEY": "key"}, "resend"),
    "amazon_ses": ({"AMAZON_SES_CLIENT_PARAMS": {"region_name": "eu-west-1"}}, "amazon_ses"),
}


@pytest.fixture
def _no_amazon_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Amazon's own library is large and only carries the finished payload away: names are enough to build one."""
    names = ("BotoCoreError", "ClientError", "ConnectionError")
    boto, core = ModuleType("boto3"), ModuleType("botocore")
    client, errors = ModuleType("botocore.client"), ModuleType("botocore.exceptions")
    client.Config = SimpleNamespace  # type: ignore[attr-defined]
    vars(errors).update({name: type(name, (Exception,), {}) for name in names})
    for module in (boto, core, client, errors):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    yield
    sys.modules.pop("anymail.backends.amazon_ses", None)


def payload(name: str, message: EmailMultiAlternatives) -> Any:
    backend = importlib.import_module(f"anymail.backends.{name}").EmailBackend()
    return backend.build_message_payload(message, backend.send_defaults)


@pytest.fixture(params=PROVIDERS)
def provider_name(request: pytest.FixtureRequest, settings: Any, _no_amazon_library: None) -> str:
    name = str(request.param)
    settings.EMAIL_BACKEND, settings.ANYMAIL = f"anymail.backends.{name}.EmailBackend", PROVIDERS[name][0]
    if name == "amazon_ses":
        settings.DIGEST_ESP_EXTRA = {"ConfigurationSetName": "digests"}
    return name


def posted(name: str, message: EmailMultiAlternatives) -> tuple[dict[str, str], dict[str, Any], str, str]:
    """The headers as the provider would set them, whatever else it is told, and both parts."""
    built = payload(name, message)
    if name == "amazon_ses":
        built.finalize_payload()
        raw = built.params["Content"]["Raw"]["Data"]
        assert len(ONE_CLICK.findall(raw)) == 1
        assert raw.isascii()
        return headers(raw), built.params, part(parsed(raw), "plain"), part(parsed(raw), "html")
    data = built.data
    if name == "postmark":
        given = {one["Name"]: one["Value"] for one in data["Headers"]}
        return given | {"Subject": data["Subject"]}, data, data["TextBody"], data["HtmlBody"]
    if name == "mailgun":
        given = {key.removeprefix("h:"): value for key, value in data.items() if key.startswith("h:")}
        return given | {"Subject": data["subject"]}, data, data["text"], data["html"]
    return dict(data["headers"]) | {"Subject": data["subject"]}, data, data["text"], data["html"]


def test_every_provider_is_given_the_same_mail(digest: Digest, provider_name: str) -> None:
    message = writer_of(digest).mail(digest)
    found, _, text, html = posted(provider_name, message)
    found = {name.lower(): value for name, value in found.items()}
    unsubscribe = found["list-unsubscribe"]
    assert re.fullmatch(r"<https://papers\.example\.org/u/[\w-]{22}>", unsubscribe)
    assert len(f"List-Unsubscribe: {unsubscribe}") <= 76
    assert found["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert found["message-id"] == f"<{bytes(digest.handle).hex()}@mail.example.org>"
    assert found["subject"] == message.subject
    assert not re.search(r"[\x00-\x1f\x7f]", "".join(found.values()))
    assert all(value.isascii() for name, value in found.items() if name not in ("subject", "from"))
    assert (text, html) == (message.body, message.alternatives[0][0])


def test_nothing_is_counted_and_the_digest_is_named_in_ascii(digest: Digest, provider_name: str) -> None:
    _, told, _, _ = posted(provider_name, writer_of(digest).mail(digest))
    said = json.dumps(told, default=str)
    assert bytes(digest.handle).hex() in said
    assert said.isascii()
    switches = {
        "postmark": {"TrackOpens": False, "TrackLinks": "None"},
        "mailgun": {"o:tracking-opens": "no", "o:tracking-clicks": "no"},
    }
    assert {key: told[key] for key in switches.get(provider_name, {})} == switches.get(provider_name, {})


@pytest.mark.usefixtures("_no_amazon_library")
def test_digests_and_account_mail_go_through_streams_of_their_own(
    digest: Digest, account_mail: AccountMail, settings: Any
) -> None:
    settings.ANYMAIL = PROVIDERS["postmark"][0]
    messages = [writer_of(digest).mail(digest), emails.account_mail(account_mail, MORNING)]
    assert [payload("postmark", one).data["MessageStream"] for one in messages] == ["broadcast", "outbound"]
    settings.EMAIL_BACKEND, settings.ANYMAIL = "anymail.backends.amazon_ses.EmailBackend", {}
    settings.DIGEST_ESP_EXTRA = {"ConfigurationSetName": "digests"}
    assert payload("amazon_ses", writer_of(digest).mail(digest)).params["ConfigurationSetName"] == "digests"


def test_a_stream_that_is_not_set_is_not_named(digest: Digest, settings: Any) -> None:
    settings.DIGEST_ESP_EXTRA, settings.ANYMAIL = {}, PROVIDERS["postmark"][0]
    assert "MessageStream" not in payload("postmark", writer_of(digest).mail(digest)).data


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("SITE_URL", "https://paper-round.informatics.university.example.org", "subscriptions.E004"),
        ("SITE_URL", "https://bücher.example", "subscriptions.E004"),
        ("SITE_URL", "https://a.example> <b", "subscriptions.E004"),
        ("DEFAULT_FROM_EMAIL", f"Paper Round <digest@{'a' * 30}.example.org>", "subscriptions.E005"),
        ("ACCOUNT_FROM_EMAIL", "Paper Round", "subscriptions.E005"),
    ],
)
def test_a_setting_that_would_break_a_header_is_an_error_with_a_remedy(
    settings: Any, name: str, value: str, error: str
) -> None:
    assert checks.headers_fit_on_their_lines() == []
    setattr(settings, name, value)
    [found] = checks.headers_fit_on_their_lines()
    assert found.id == error
    assert found.hint


def test_a_domain_of_the_greatest_length_still_fits_on_the_line_of_the_id(digest: Digest, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = f"digest@{'a' * 28}.example.org"
    assert checks.headers_fit_on_their_lines() == []
    raw = writer_of(digest).mail(digest).message().as_bytes()
    assert max(map(len, raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 76
    assert headers(raw)["Message-ID"] == f"<{bytes(digest.handle).hex()}@{'a' * 28}.example.org>"


def test_the_outbox_sends_to_the_address_that_a_mail_names(account_mail: AccountMail, mailoutbox: list[Any]) -> None:
    AccountMail.objects.update(to="elsewhere@example.org", kind=AccountMailKind.MOVED_BACK)
    assert outbox.send_waiting(lambda: MORNING) == 1
    assert mailoutbox[0].to == ["elsewhere@example.org"]


def test_where_the_site_has_a_long_name_the_link_begins_on_a_line_of_its_own() -> None:
    link = "<https://paper-round.informatics.uni-example.org/u/AAAAAAAAAAAAAAAAAAAAAA>"
    value = encoded_header("List-Unsubscribe", link)
    assert value == f"\r\n {link}"
    assert headers(f"List-Unsubscribe: {value}\r\n\r\n".encode())["List-Unsubscribe"] == link
