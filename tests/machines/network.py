"""Machines with addresses and names of their own, and nothing in common but the services that are let through.

Where root may make them they are network namespaces behind a bridge, each with a name: what listens on the loopback of
one is not there for the others. Elsewhere they are addresses of the loopback, which tells less.
"""

import os
import shutil
import socket
import socketserver
import subprocess
import threading
from contextlib import suppress
from shlex import quote
from typing import NamedTuple, Self

HERE = "127.0.0.1"


class Place(NamedTuple):
    """Where a machine stands: its address, and its namespace, if it has one."""

    name: str
    address: str
    namespace: str = ""

    def command(self, command: str) -> str:
        """The command for a shell, run on this machine and by its name."""
        if not self.namespace:
            return command
        named = f"hostname {quote(self.name)}; {command}"
        return f"exec ip netns exec {self.namespace} unshare --uts sh -c {quote(named)}"


class Network:
    """A context in which places can be made; services of the tests are reached at the address of host."""

    def __init__(self) -> None:
        self.mark = os.getpid() % 50_000
        self.bridge = f"pr{self.mark}"
        self.prefix = f"10.77.{self.mark % 250}"
        self.places: list[Place] = []
        self.is_apart = False
        self._doors: list[_Door] = []

    def __enter__(self) -> Self:
        with suppress(OSError, subprocess.CalledProcessError):
            if os.geteuid() == 0 and shutil.which("ip") and shutil.which("unshare"):
                _ip("link", "add", self.bridge, "type", "bridge")
                _ip("addr", "add", f"{self.prefix}.1/24", "dev", self.bridge)
                _ip("link", "set", self.bridge, "up")
                self.is_apart = True
        return self

    def __exit__(self, *details: object) -> None:
        for door in self._doors:
            door.shutdown()
            door.server_close()
        for place in self.places if self.is_apart else ():
            _ip("netns", "del", place.namespace)
        if self.is_apart:
            _ip("link", "del", self.bridge)

    @property
    def host(self) -> str:
        return f"{self.prefix}.1" if self.is_apart else HERE

    def let_through(self, port: int) -> None:
        """Let machines reach a service that listens on this port of the tests' own loopback."""
        if self.is_apart:
            door = _Door((self.host, port), _Way)
            self._doors.append(door)
            threading.Thread(target=door.serve_forever, daemon=True).start()

    def place(self, name: str) -> Place:
        """A new machine of that name; two of one name are two machines all the same."""
        number = len(self.places) + 2
        place = Place(name, f"127.0.0.{number}")
        if self.is_apart:
            place = Place(name, f"{self.prefix}.{number}", f"{self.bridge}n{number}")
            self._connect(place, f"{self.bridge}v{number}")
        self.places.append(place)
        return place

    def _connect(self, place: Place, cable: str) -> None:
        inside = ("-n", place.namespace)
        _ip("netns", "add", place.namespace)
        _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", place.namespace)
        _ip("link", "set", cable, "master", self.bridge, "up")
        _ip(*inside, "addr", "add", f"{place.address}/24", "dev", "eth0")
        _ip(*inside, "link", "set", "eth0", "up")
        _ip(*inside, "link", "set", "lo", "up")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


class _Door(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *details: object) -> None:
        """A machine that was killed in the middle is part of the tests."""


class _Way(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with socket.create_connection((HERE, self.server.server_address[1])) as service:
            back = threading.Thread(target=_carry, args=(service, self.request), daemon=True)
            back.start()
            _carry(self.request, service)
            back.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
