"""Clients that take their time: 200 connections that never finish what they have begun."""

import asyncio
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

PAUSE = 2.0  # seconds between two bytes
HEAD = "Host: {host}\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n"
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class SlowClients:
    """Holds connections of four kinds; one that the server closes is opened again after a moment."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.port, self.head = port, HEAD.format(host=host).encode()
        self.held: Counter[str] = Counter()  # open now
        self.closed: Counter[str] = Counter()  # by the server, in all
        self.refused = 0  # connections that could not be opened at once

    async def hold(self, count: int, seconds: float) -> None:
        """Keep so many open for so long, the same number of each kind."""
        kinds = [self.slow_headers, self.slow_body, self.slow_reader, self.idle]
        clients = [
            asyncio.create_task(self._again_and_again(kinds[nth % len(kinds)], nth / 100)) for nth in range(count)
        ]
        try:
            await asyncio.sleep(seconds)
        finally:
            for client in clients:
                client.cancel()
            await asyncio.gather(*clients, return_exceptions=True)
            await asyncio.sleep(0.1)  # until the sockets are closed

    async def _again_and_again(self, kind: Callable[[Stream], Awaitable[None]], delay: float) -> None:
        await asyncio.sleep(delay)  # not all at once, which would be a flood of quick ones
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._once(kind)
            await asyncio.sleep(PAUSE / 10)

    async def _once(self, kind: Callable[[Stream], Awaitable[None]]) -> None:
        name = kind.__name__
        stream = await self._connect()
        self.held[name] += 1
        try:
            await kind(stream)
        finally:
            self.held[name] -= 1
            self.closed[name] += 1
            stream[1].transport.abort()

    async def _connect(self) -> Stream:
        """With little room for what the server sends, so that it cannot be rid of an answer at once."""
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.setblocking(False)
        try:
            async with asyncio.timeout(5):  # wait_for of Python 3.11 may swallow that it was cancelled
                await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", self.port))
        except (OSError, TimeoutError):
            self.refused += 1
            client.close()
            raise OSError("no connection") from None
        return await asyncio.open_connection(sock=client, limit=1024)

    async def slow_headers(self, stream: Stream) -> None:
        stream[1].write(b"GET / HTTP/1.1\r\n" + self.head + b"X-Slow: ")
        await self._trickle(stream)

    async def slow_body(self, stream: Stream) -> None:
        """To an address that asks for no cookie before it reads."""
        head = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\n"
        stream[1].write(b"POST /u/AAAAAAAAAAAAAAAAAAAAAA HTTP/1.1\r\n" + self.head + head)
        await self._trickle(stream)

    async def slow_reader(self, stream: Stream) -> None:
        """Asks for something large and takes a few bytes at a time."""
        stream[1].write(b"GET /static/admin/js/vendor/jquery/jquery.js HTTP/1.1\r\n" + self.head + b"\r\n")
        while await stream[0].read(64):
            await asyncio.sleep(PAUSE)

    async def idle(self, stream: Stream) -> None:
        """Asks once and stays."""
        stream[1].write(b"GET /robots.txt HTTP/1.1\r\n" + self.head + b"\r\n")
        while await stream[0].read(4096):
            pass

    async def _trickle(self, stream: Stream) -> None:
        """A byte now and then, until the server has had enough; what it says then is read."""
        said = asyncio.create_task(stream[0].read(1))
        while not said.done():
            stream[1].write(b"a")
            await stream[1].drain()
            await asyncio.wait([said], timeout=PAUSE)
        await said
