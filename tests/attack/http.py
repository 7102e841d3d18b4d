"""A small HTTP client for crowds of visitors in one process: connections stay open, and each answer is timed."""

import asyncio
import re
import time
from dataclasses import dataclass
from urllib.parse import urlencode

SITE = "papers.example.org"
LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")
COOKIE = re.compile(r"(?i)\r\nset-cookie: ([^=]+)=([^;]*)")
FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
PATIENCE = 30.0  # seconds; an answer that takes longer counts as so long, and as none


@dataclass(frozen=True, slots=True)
class Answer:
    status: int  # 0: none
    seconds: float
    head: str = ""
    text: str = ""


class Visitor:
    """A browser at a network address, as the proxy in front of the site tells it."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address = port, address
        self.cookies: dict[str, str] = {}
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> Answer:
        return await self.ask(self.head("GET", path) + b"\r\n")

    async def post(self, path: str, fields: dict[str, str]) -> Answer:
        return await self.send(path, urlencode(fields, errors="surrogatepass").encode())

    async def send(self, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded") -> Answer:
        length = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        return await self.ask(self.head("POST", path) + length + body)

    async def form_token(self, path: str) -> str:
        """What the form on a page has to bring back, beside the cookie that comes with it."""
        found = FORM_TOKEN.search((await self.get(path)).text)
        return found[1] if found else ""

    def head(self, method: str, path: str) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [f"{method} {path} HTTP/1.1", f"Host: {SITE}", "X-Forwarded-Proto: https"]
        lines += [f"X-Forwarded-For: {self.address}", f"Referer: https://{SITE}/", f"Cookie: {cookies}"]
        return "".join(f"{line}\r\n" for line in lines).encode("latin-1", "replace")

    async def ask(self, words: bytes) -> Answer:
        """Send these words as they are; once more where an idle connection had been closed in the meantime."""
        began, why = time.monotonic(), ""
        for _ in range(2):
            fresh = self._stream is None
            try:
                return await asyncio.wait_for(self._exchange(words, began), PATIENCE)
            except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError) as error:
                why = repr(error)
                self.close()
            if fresh:
                break
        return Answer(0, time.monotonic() - began, text=why)

    async def _exchange(self, words: bytes, began: float) -> Answer:
        if self._stream is None:
            self._stream = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._stream
        writer.write(words)
        head = await reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        body = await (reader.readexactly(int(length[1])) if length else reader.read())
        answer = Answer(
            int(head.split()[1]), time.monotonic() - began, head.decode("latin-1"), body.decode("utf-8", "replace")
        )
        self.cookies |= dict(COOKIE.findall(answer.head))
        if not length or b"\r\nconnection: close" in head.lower():
            self.close()
        return answer

    def close(self) -> None:
        if self._stream:
            self._stream[1].transport.abort()
            self._stream = None
