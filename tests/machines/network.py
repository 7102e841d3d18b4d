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
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from shlex import quote
from typing import NamedTuple, Self

HERE = "127.0.0.1"


class Place(NamedTuple):
    """Where a machine stands: its address, and its namespace, if it has one."""

    name: str
    address: str
    namespace: str = ""
    bridge: str = ""

    def lose_what_is_sent(self, to: str) -> None:
        """Cut one way of the cable without a word: packets to that address go nowhere; what comes still arrives."""
        _ip("-n", self.namespace, *_nowhere(to, "eth0"))

    def lose_what_comes(self) -> None:
        """Cut the other way: what is sent to it from the address where services are goes nowhere."""
        _ip(*_nowhere(self.address, self.bridge))

    def mend(self, to: str) -> None:
        """Let packets pass again, each way."""
        for words in (("-n", self.namespace, *_forgotten(to, "eth0")), _forgotten(self.address, self.bridge)):
            with suppress(subprocess.CalledProcessError):
                _ip(*words)

    def command(self, command: str) -> str:
        """The command for a shell, run on this machine and by its name."""
        if not self.namespace:
            return command
        named = f"hostname {quote(self.name)}; {command}"
        return f"exec ip netns exec {self.namespace} unshare --uts sh -c {quote(named)}"


_counted = count()


class Network:
    """A context in which places can be made; services of the tests are reached at the address of host."""

    def __init__(self) -> None:
        self.mark = os.getpid() % 50_000
        # A name that was used is free again only when the last packet to it is forgotten.
        self.bridge = f"pr{self.mark}x{next(_counted)}"
        self.prefix, self.mail_prefix = f"10.77.{self.mark % 250}", f"10.78.{self.mark % 250}"
        self.places: list[Place] = []
        self.names: dict[str, str] = {}
        self.hosts = 1
        self.is_apart = False
        self._doors: list[_Door] = []

    def __enter__(self) -> Self:
        with suppress(OSError, subprocess.CalledProcessError):
            if os.geteuid() == 0 and shutil.which("ip") and shutil.which("unshare"):
                _ip("link", "add", self.bridge, "type", "bridge")
                for prefix in (self.prefix, self.mail_prefix):
                    _ip("addr", "add", f"{prefix}.1/24", "dev", self.bridge)
                _ip("link", "set", self.bridge, "up")
                self.is_apart = True
        return self

    def __exit__(self, *details: object) -> None:
        for door in self._doors:
            door.shutdown()
            door.server_close()
        for place in self.places if self.is_apart else ():
            _ip("link", "del", _cable(place))
            _ip("netns", "del", place.namespace)
            shutil.rmtree(_folder(place), ignore_errors=True)
        if self.is_apart:
            _ip("link", "del", self.bridge)

    @property
    def host(self) -> str:
        return f"{self.prefix}.1" if self.is_apart else HERE

    @property
    def mail_host(self) -> str:
        """Where mail servers are reached: still there when a machine has lost the way to host."""
        return f"{self.mail_prefix}.1" if self.is_apart else HERE

    def another_host(self) -> str:
        """Return one more address of this end, which all machines reach."""
        self.hosts += 1
        address = f"{self.prefix}.{255 - self.hosts}"
        _ip("addr", "add", f"{address}/24", "dev", self.bridge)
        return address

    def name(self, name: str, address: str) -> None:
        """Let all machines find that address under the name from now on."""
        self.names[name] = address
        for place in self.places:
            self._tell_names(place)

    def _tell_names(self, place: Place) -> None:
        """Write what "ip netns" shows as /etc/hosts: into the same file, which running processes see."""
        known = {"localhost": HERE} | self.names
        _folder(place).mkdir(parents=True, exist_ok=True)
        (_folder(place) / "hosts").write_text("".join(f"{at} {name}\n" for name, at in known.items()))

    def let_through(self, port: int, host: str = "", late: float = 0.0) -> None:
        """Let machines reach a service that listens on this port of the tests' own loopback, at host or the one given.

        Each piece of data comes so many seconds late, as over a slow network.
        """
        if self.is_apart:
            door = _Door((host or self.host, port), _Way)
            door.late = late
            self._doors.append(door)
            threading.Thread(target=door.serve_forever, daemon=True).start()

    def place(self, name: str) -> Place:
        """A new machine of that name; two of one name are two machines all the same."""
        number = len(self.places) + 2
        place = Place(name, f"127.0.0.{number}")
        if self.is_apart:
            place = Place(name, f"{self.prefix}.{number}", f"{self.bridge}n{number}", self.bridge)
            self._connect(place, _cable(place))
            mail_address = f"{self.mail_prefix}.{number}/24"
            _ip("-n", place.namespace, "addr", "add", mail_address, "dev", "eth0")
        self.places.append(place)
        return place

    def _connect(self, place: Place, cable: str) -> None:
        inside = ("-n", place.namespace)
        if self.names:
            self._tell_names(place)
        _ip("netns", "add", place.namespace)
        _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", place.namespace)
        _ip("link", "set", cable, "master", self.bridge, "up")
        _ip(*inside, "addr", "add", f"{place.address}/24", "dev", "eth0")
        _ip(*inside, "link", "set", "eth0", "up")
        _ip(*inside, "link", "set", "lo", "up")


def _cable(place: Place) -> str:
    """Name the end of its cable that is at the bridge; such names are short."""
    return place.namespace.replace("n", "v")


def _folder(place: Place) -> Path:
    return Path("/etc/netns") / place.namespace


def _nowhere(address: str, where: str) -> tuple[str, ...]:
    """Words for ip: packets to that address are sent to a card that nobody has."""
    return ("neigh", "replace", address, "lladdr", "02:00:00:00:00:01", "dev", where, "nud", "permanent")


def _forgotten(address: str, where: str) -> tuple[str, ...]:
    return ("neigh", "del", address, "dev", where)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


class _Door(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128
    late = 0.0

    def handle_error(self, *details: object) -> None:
        """A machine that was killed in the middle is part of the tests."""


class _Way(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with socket.create_connection((HERE, self.server.server_address[1])) as service:
            late = self.server.late  # type: ignore[attr-defined]
            back = threading.Thread(target=_carry, args=(service, self.request, late), daemon=True)
            back.start()
            _carry(self.request, service, late)
            back.join()


def _carry(source: socket.socket, target: socket.socket, late: float) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            time.sleep(late)
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
