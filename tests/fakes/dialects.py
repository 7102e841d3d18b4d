"""How each mail provider talks, after its documentation: what it answers when it takes a message, and when it does not.

The words are those by which a program can tell one answer from another; the sentences around them are our own.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

Json = Any


class Request(NamedTuple):
    headers: Mapping[str, str]  # names in lower case
    content: bytes


class Reply(NamedTuple):
    status: int
    body: Json
    headers: Mapping[str, str] = {}


Failure = Callable[[str], Reply]  # the answer, with the address of the reader


def _says(status: int, body: Json, **headers: str) -> Failure:
    """A failure whose answer does not name the reader."""
    reply = Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
    return lambda to: reply


def _no_key(request: Request) -> str:
    return ""


def _never_again(name: str, is_same: bool) -> Reply:
    raise AssertionError("A provider without keys knows no second copy.")


@dataclass(frozen=True)
class Dialect:
    """One provider. Failures are named after the situation."""

    settings: Callable[[str], dict[str, Json]]  # for ANYMAIL, with the address of the server
    taken: Callable[[str, str], Reply]  # with the id that it gives the message, and the reader's address
    failures: dict[str, Failure]
    key: Callable[[Request], str] = _no_key
    life: timedelta = field(default=timedelta())
    again: Callable[[str, bool], Reply] = _never_again  # with the first one's id, and whether the content is the same


def _plain(refused: Failure, account: Failure, empty: Failure, **own: Failure) -> dict[str, Failure]:
    """The failures of a provider that uses the codes of HTTP for what they mean, and those that are its own."""
    slow = Reply(429, {"message": "slower"}, {"Retry-After": "77"})
    return {
        "401": _says(401, {"message": "who are you?"}),
        "403": _says(403, {"message": "not you"}),
        "429": lambda to: slow,
        "500": _says(500, {"message": "something broke"}),
        "503": _says(503, {"message": "we are mending it"}),
        "address refused": refused,
        "account refused": account,
        "empty answer": empty,
        **{name.removeprefix("on_"): failure for name, failure in own.items()},
    }


def _keys(backend: str, *names: str, **others: Json) -> Callable[[str], dict[str, Json]]:
    """Settings of Anymail that hold the address and secrets."""
    prefix = backend.upper()
    secrets = {f"{prefix}_{name}": "secret" for name in names}
    return lambda url: {f"{prefix}_API_URL": url, **secrets, **others}


def _amazon(status: int, code: str, message: str = "no", **headers: str) -> Failure:
    return _says(status, {"message": message}, x_amzn_ErrorType=code, **headers)


def _brevo_key(request: Request) -> str:
    headers = json.loads(request.content).get("headers", {})
    return str({name.lower(): value for name, value in headers.items()}.get("idempotencykey", ""))


def _resends(status: int, name: str, message: str = "no") -> Failure:
    return _says(status, {"statusCode": status, "name": name, "message": message})


def _mailjets(status: int, code: str, related: str) -> Failure:
    error = {"ErrorCode": code, "StatusCode": status, "ErrorMessage": "no", "ErrorRelatedTo": [related]}
    return _says(status, {"Messages": [{"Status": "error", "Errors": [error]}]})


def _postals(code: str, status: str = "error") -> Failure:
    """Whatever is wrong, the code of HTTP is 200."""
    return _says(200, {"status": status, "time": 0.01, "flags": {}, "data": {"code": code, "message": "no"}})


def _mandrills(reason: str, status: str = "rejected") -> Failure:
    return lambda to: Reply(200, [{"email": to, "status": status, "reject_reason": reason, "_id": "abc"}])


def _suppressed(reason: str, content_type: str = "application/json; charset=utf-8") -> Failure:
    def failure(to: str) -> Reply:
        warning = {"type": "ALL_SUPPRESSED", "recipients": [{"email": to, "name": "", "reasons": [reason]}]}
        return Reply(202, {"message": "", "warnings": [warning]}, {"Content-Type": content_type, "X-Message-Id": "abc"})

    return failure


def _unisenders(status: int, why: str) -> Failure:
    body = {"status": "error", "code": 204, "message": "no"}
    return lambda to: Reply(status, body | {"failed_emails": {to: why}})


BREVO = {
    "taken": lambda name, to: Reply(201, {"messageId": f"<{name}@smtp-relay.example>"}),
    "failures": _plain(
        _says(400, {"code": "invalid_parameter", "message": "email is not valid in to"}),
        _says(402, {"code": "not_enough_credits", "message": "no"}),
        _says(201, b""),
    ),
    "key": _brevo_key,
    "life": timedelta(minutes=30),
    "again": lambda name, is_same: Reply(400, {"code": "duplicate_parameter", "message": "this key came before"}),
}
ACCESS = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}

DIALECTS: dict[str, Dialect] = {
    "amazon_ses": Dialect(
        lambda url: {
            "AMAZON_SES_SESSION_PARAMS": ACCESS,
            "AMAZON_SES_CLIENT_PARAMS": {"endpoint_url": url, "region_name": "eu-west-1"},
        },
        lambda name, to: Reply(200, {"MessageId": name}),
        {
            "401": _amazon(401, "UnrecognizedClientException"),
            "403": _amazon(403, "AccessDeniedException"),
            "429": _amazon(429, "TooManyRequestsException", Retry_After="77"),
            "500": _amazon(500, "InternalFailure"),
            "503": _amazon(503, "ServiceUnavailable"),
            "address refused": _amazon(400, "BadRequestException", "Domain contains illegal character"),
            "account refused": _amazon(400, "MessageRejected", "Email address is not verified."),
            "empty answer": _says(200, {}),
        },
    ),
    "brevo": Dialect(_keys("brevo", "API_KEY"), **BREVO),
    "sendinblue": Dialect(_keys("sendinblue", "API_KEY"), **BREVO),
    "mailersend": Dialect(
        _keys("mailersend", "API_TOKEN"),
        lambda name, to: Reply(202, b"", {"Content-Type": "text/html", "X-Message-Id": name}),
        _plain(
            _suppressed("hard_bounced"),
            _says(422, {"message": "no", "errors": {"from.email": ["The domain must be verified. #MS42207"]}}),
            _says(202, b"", Content_Type="text/html"),
        ),
    ),
    "mailgun": Dialect(
        _keys("mailgun", "API_KEY"),
        lambda name, to: Reply(200, {"id": f"<{name}@example.org>", "message": "Queued. Thank you."}),
        _plain(
            _says(400, {"message": "'to' parameter is not a valid address."}),
            _says(400, {"message": "Domain example.org is not allowed to send: it is for tests."}),
            _says(200, {}),
        ),
    ),
    "mailjet": Dialect(
        _keys("mailjet", "API_KEY", "SECRET_KEY"),
        lambda name, to: Reply(
            200, {"Messages": [{"Status": "success", "To": [{"Email": to, "MessageID": 77, "MessageUUID": name}]}]}
        ),
        _plain(_mailjets(400, "mj-0013", "To[0].Email"), _mailjets(403, "send-0008", "From"), _says(200, {})),
    ),
    "mailtrap": Dialect(
        _keys("mailtrap", "API_TOKEN"),
        lambda name, to: Reply(200, {"success": True, "message_ids": [name]}),
        _plain(
            _says(200, {"success": False, "errors": ["'to' is not taken"]}),
            _says(200, {"success": False, "errors": ["Unauthorized"]}),
            _says(200, {"success": True, "message_ids": []}),
            on_401=_says(401, {"success": False, "errors": ["no"]}),
            on_403=_says(403, {"success": False, "errors": ["no"]}),
        ),
    ),
    "mandrill": Dialect(
        _keys("mandrill", "API_KEY"),
        lambda name, to: Reply(200, [{"email": to, "status": "sent", "reject_reason": None, "_id": name}]),
        _plain(
            _mandrills("hard-bounce"),
            _mandrills("unsigned"),
            _says(200, []),
            on_401=_says(500, {"status": "error", "code": -1, "name": "Invalid_Key", "message": "no"}),
            on_500=_says(500, {"status": "error", "code": -99, "name": "GeneralError", "message": "no"}),
            on_503=_says(500, {"status": "error", "code": -2, "name": "ServiceUnavailable", "message": "no"}),
        ),
    ),
    "postal": Dialect(
        _keys("postal", "API_KEY"),
        lambda name, to: Reply(200, {"status": "success", "data": {"messages": {to: {"id": 77, "token": name}}}}),
        _plain(
            _postals("NoRecipients", "parameter-error"),
            _postals("UnauthenticatedFromAddress"),
            _says(200, {"status": "success", "data": {"messages": {}}}),
            on_401=_postals("InvalidServerAPIKey"),
            on_403=_postals("ServerSuspended"),
        ),
    ),
    "postmark": Dialect(
        _keys("postmark", "SERVER_TOKEN"),
        lambda name, to: Reply(200, {"ErrorCode": 0, "Message": "OK", "MessageID": name, "To": to}),
        _plain(
            lambda to: Reply(
                422, {"ErrorCode": 406, "Message": f"Found inactive addresses: {to}. Inactive recipients bounced."}
            ),
            _says(422, {"ErrorCode": 405, "Message": "You have no credits left."}),
            _says(200, {}),
            on_401=_says(401, {"ErrorCode": 10, "Message": "no"}),
            on_403=_says(403, b"<html>no</html>", Content_Type="text/html"),
        ),
    ),
    "resend": Dialect(
        _keys("resend", "API_KEY"),
        lambda name, to: Reply(200, {"id": name}),
        _plain(
            _resends(422, "validation_error", "Invalid `to` field."),
            _resends(400, "validation_error", "API key is invalid"),
            _says(200, {}),
            on_401=_resends(401, "missing_api_key"),
            on_403=_resends(403, "validation_error", "The domain is not verified."),
            running=_resends(409, "concurrent_idempotent_requests"),
        ),
        key=lambda request: request.headers.get("idempotency-key", ""),
        life=timedelta(hours=24),
        again=lambda name, is_same: (
            Reply(200, {"id": name}) if is_same else _resends(409, "invalid_idempotent_request")("")
        ),
    ),
    "scaleway": Dialect(
        _keys("scaleway", "SECRET_KEY", "PROJECT_ID"),
        lambda name, to: Reply(200, {"emails": [{"id": name, "mail_rcpt": to, "status": "new"}]}),
        _plain(
            lambda to: Reply(200, {"emails": [{"id": "77", "mail_rcpt": to, "status": "failed"}]}),
            _says(412, {"type": "precondition_failed", "message": "no"}),
            _says(200, {"emails": []}),
            on_401=_says(401, {"type": "denied_authentication", "message": "no"}),
            on_403=_says(403, {"type": "permissions_denied", "message": "no"}),
        ),
    ),
    "sendgrid": Dialect(
        _keys("sendgrid", "API_KEY"),
        lambda name, to: Reply(202, b"", {"X-Message-Id": name}),
        _plain(
            _says(400, {"errors": [{"field": "personalizations.0.to.0.email", "message": "no"}]}),
            _says(400, {"errors": [{"field": "from.email", "message": "no"}]}),
            _says(202, b""),
        ),
    ),
    "sparkpost": Dialect(
        _keys("sparkpost", "API_KEY"),
        lambda name, to: Reply(
            200, {"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": name}}
        ),
        _plain(
            _says(200, {"results": {"total_rejected_recipients": 1, "total_accepted_recipients": 0, "id": "77"}}),
            _says(400, {"errors": [{"code": "7001", "message": "Invalid domain"}]}),
            _says(200, {"results": {}}),
            used_up=_says(420, {"errors": [{"code": "2102", "message": "Exceed Sending Limit (daily)"}]}),
        ),
    ),
    "unisender_go": Dialect(
        _keys("unisender_go", "API_KEY"),
        lambda name, to: Reply(200, {"status": "success", "job_id": name, "emails": [to]}),
        _plain(
            _unisenders(400, "permanent_unavailable"),
            _says(403, {"status": "error", "code": 103, "message": "no"}),
            _says(200, {"status": "success", "job_id": "77", "emails": []}),
        ),
    ),
}
