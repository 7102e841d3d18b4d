"""What a field, a path, a header or a body may hold although no browser would send it."""

from collections.abc import Sequence
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

NUMBERS = [b"0", b"-1", b"2147483648", b"9223372036854775808", b"9" * 30, b"9" * 5000, b"1e400", b"NaN", b"-Infinity"]
DIGITS = ["²", "٣", "𝟙", "１２", "1_000", "0x10", "1.5", " 1 "]  # to some a number, to others none
DATES = ["0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-W01", "0001-01-01T00:00+23:59"]
DATES += ["9999-12-31T23:59:59.999999-23:59", "2026-06-30T24:00"]
BROKEN = [b"\0", b"a\0b", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\r\nX: y", b"\x1b[31m"]
PLACES = ["../../etc/passwd", ".", "..", "//evil.example", "https://evil.example/", "{{7*7}}", "%(a)s", "{}", "[]"]
NAMES = ["id", "pk__in", "__proto__", "a" * 9000, "\u202e", "ﬃ" * 300, "İ" * 50, "🧪", "null", "None", "true", "on"]
KNOWN = [*NUMBERS, *(text.encode() for text in (*DIGITS, *DATES, *PLACES, *NAMES)), b""]
# As they would stand in an address: a percent sign that begins nothing, and bytes that were never encoded.
RAW = [b"%", b"%zz", b"%u0000", b"%00", b"%ED%A0%80", b"%C0%AF", b"%2e%2e%2f", b"\xff", b"+", b"&&=", b";"]

storable = st.one_of(
    st.sampled_from(KNOWN),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20).map(str.encode),
    st.integers(-(2**70), 2**70).map(lambda number: str(number).encode()),
)
broken = st.one_of(
    st.sampled_from(BROKEN),
    st.text(st.characters(codec=None), max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=12),
)
# Mostly what gets past the first look, which is for all pages the same.
values = st.integers(0, 9).flatmap(lambda number: broken if number == 0 else storable)
in_an_address = st.one_of(values.map(lambda value: quote_from_bytes(value, safe="").encode()), st.sampled_from(RAW))

METHODS = ["GET", "HEAD", "POST", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "FOO", "get"]
CHARSETS = ["utf-8", "UTF-8", "rot13", "hex", "utf-7", "utf-16", "unicode_escape", "idna", "punycode", "latin-1"]
CHARSETS += ["undefined", "x" * 300, "\0", '"', "mbcs", "utf-8\xff"]
KINDS = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/json", "text/plain"]
KINDS += [
    "multipart/form-data",
    "multipart/form-data; boundary=\xff",
    "multipart/mixed; boundary=b",
    "",
    ";",
    "a/b;=;c",
]
KINDS += ["text/plain; charset*=nothing''x", "text/plain; charset*=utf-8'en'%00", "text/html; charset*0*=a'b'c"]
content_types = st.one_of(
    st.sampled_from(KINDS), st.tuples(st.sampled_from(KINDS), st.sampled_from(CHARSETS)).map("; charset=".join)
)

HEADERS: dict[str, Sequence[str]] = {
    "HTTP_HOST": ["evil.example", "testserver:99999", "[::1", "a\0b", "testserver.", "", "testserver:", "\xff", "@"],
    "HTTP_X_FORWARDED_FOR": ["a", "1.2.3.4, ::1%eth0", "[::1]:99", "\0", "999.1.1.1", "," * 2000, "::ffff:1.2.3.4%2"],
    "HTTP_X_FORWARDED_HOST": ["evil.example", "\0"],
    "HTTP_X_FORWARDED_PROTO": ["https", "javascript", "https, http", "\0"],
    "HTTP_RANGE": ["bytes=0-", "bytes=9-1", "bytes=-" + "9" * 400, "bytes=a-b", "lines=1", "bytes=0-0,1-1"],
    "HTTP_IF_MODIFIED_SINCE": [
        "Thu, 01 Jan 0001 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:60 GMT",
        "0",
        "\xff",
        "9" * 999,
    ],
    "HTTP_IF_NONE_MATCH": ['W/"', '"' * 99, "*", "\0"],
    "HTTP_IF_UNMODIFIED_SINCE": ["Thu, 32 Jan 2026 00:00:00 GMT", "\xff"],
    "HTTP_IF_RANGE": ['"x"', "never"],
    "HTTP_ACCEPT": ["\xff", ";q=", "*/*;q=" + "9" * 400, ",,,"],
    "HTTP_ACCEPT_ENCODING": ["gzip;q=x", "\xff", "br;q=-1"],
    "HTTP_ACCEPT_LANGUAGE": ["\0", "zz" * 500, "en;q=nan"],
    "HTTP_REFERER": ["http://[", "\xff", "https://evil.example/", "//"],
    "HTTP_ORIGIN": ["null", "http://[", "\xff", "https://testserver:x"],
    "HTTP_AUTHORIZATION": ["Basic", "Basic \xff", "Basic AA==", "Basic /////w==", "Bearer \0", "Basic " + "A" * 9000],
    "HTTP_HX_REQUEST": ["true", "\xff"],
    "HTTP_HX_CURRENT_URL": ["http://[", "\xff", "%zz"],
    "HTTP_HX_CURRENT_URL_URI_AUTOENCODED": ["true"],
    "HTTP_HX_PROMPT_URI_AUTOENCODED": ["true"],
    "HTTP_HX_PROMPT": ["%ff%00"],
    "HTTP_X_REQUESTED_WITH": ["XMLHttpRequest"],
    "HTTP_X_CSRFTOKEN": ["\xff", "a" * 9000, ""],
    "HTTP_X_REQUEST_ID": ["\xff", "a\0", "a" * 9000],
    "HTTP_USER_AGENT": ["\xff", "\0"],
    "CONTENT_LENGTH": ["-1", "abc", "9" * 400, "1e3", "", "٣"],
    "REMOTE_ADDR": ["", "unix:", "::1%lo"],
}
headers = st.dictionaries(st.sampled_from(sorted(HEADERS)), st.integers(0, 99), max_size=2).map(
    lambda chosen: {name: HEADERS[name][number % len(HEADERS[name])] for name, number in chosen.items()}
)

COOKIES = ["sessionid", "csrftoken", "messages", "signed_up", "unknown"]
COOKIE_VALUES = [r'"\000\000\000\000\000\000\000\000\000"', r'"\377"', '"', "a" * 5000, "x:y:z", "\xff\xfe", "", "=;="]
COOKIE_VALUES += ["W10:1x:y", "bm90IGpzb24:1tZ:xx", "{}", "[[" * 400, r'"\015\012"']
cookies = st.dictionaries(st.sampled_from(COOKIES), st.sampled_from(COOKIE_VALUES), max_size=2)
