"""A message as bytes that can be stored, and the same message again, whose every byte on the wire is the same."""

import json
import zlib
from datetime import datetime

from subscriptions.mails.mime import DirectMessage, Ready, with_line_ends

# What Anymail's backends are told beside the mail itself.
FOR_ANYMAIL = ("metadata", "tags", "track_opens", "track_clicks", "esp_extra")


def packed(message: DirectMessage) -> bytes:
    """Return all of a message that a backend looks at."""
    own = vars(message)
    plain = {
        "subject": str(message.subject),
        "body": str(message.body),
        "html": message.html,
        "from_email": message.from_email,
        "to": [str(address) for address in message.to],
        "reply_to": [str(address) for address in message.reply_to],
        "headers": {name: str(value) for name, value in message.extra_headers.items()},
        "sent_at": message.sent_at.isoformat() if message.sent_at else None,
        "encoded": [str(message.body), message.quoted_text().decode("ascii")],
        "for_anymail": {name: own[name] for name in FOR_ANYMAIL if name in own},
    }
    return zlib.compress(json.dumps(plain).encode())


def unpacked(stored: bytes) -> DirectMessage:
    """Return the message that was packed."""
    plain = json.loads(zlib.decompress(stored))
    message = DirectMessage(
        plain["subject"],
        plain["body"],
        plain["from_email"],
        plain["to"],
        reply_to=plain["reply_to"],
        headers=plain["headers"],
    )
    message.attach_alternative(plain["html"], "text/html")
    message.sent_at = datetime.fromisoformat(plain["sent_at"]) if plain["sent_at"] else None
    if plain["encoded"]:
        _, text, *_ = plain["encoded"]  # earlier versions kept the HTML's bytes, too
        message.ready = Ready(text.encode("ascii"), with_line_ends(plain["html"]), is_easy=False)
    vars(message).update(plain["for_anymail"])
    return message
