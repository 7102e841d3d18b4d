"""Signs of life of this machine's processes: files below VAR_DIR that say until when the next one comes.

Run by its path it tells in milliseconds whether a role of the Procfile lives: `python3 -I -S …/life_signs.py mail`. So
it imports nothing but the standard library. The time of a file is when the next sign is due: to touch it needs no room
on a disk, and is whole or not at all. In it stands the id of the process.
"""

import http.client
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = "alive"
FORGOTTEN = 86_400  # seconds after which a sign that nobody removed is nobody's
ANSWER = 5.0  # seconds that a process may take to answer
STOPPED = {"T": "is stopped by a signal", "t": "is held by a debugger", "Z": "has ended", "X": "has ended"}


def folder() -> Path:
    return Path(os.environ.get("VAR_DIR") or ROOT / "var") / FOLDER


def begin(name: str, patience: float) -> None:
    """Leave the first sign of this process under a name such as mail@host, and remove those that nobody gives."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in folder().iterdir():
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < time.time() - FORGOTTEN:
                file.unlink()
    scratch = folder() / f".{name}"
    scratch.write_text(str(os.getpid()))
    scratch.replace(folder() / name)
    give(name, patience)


def give(name: str, patience: float) -> None:
    """Say that the next sign comes within so many seconds; raise OSError."""
    now = time.time()
    os.utime(folder() / name, (now, now + patience))


def end(name: str) -> None:
    """Take the sign away: the process ends as it should."""
    (folder() / name).unlink(missing_ok=True)


def given_here() -> Iterator[str]:
    """Give the names of this host's processes that have left a sign and did not take it away."""
    if folder().is_dir():
        yield from sorted(file.name for file in folder().glob(f"[!.]*@{socket.gethostname()}"))


def of_file(name: str, now: float) -> str:
    """Return what is wrong with the process of this name at that time, in seconds since 1970; nothing if it lives."""
    file = folder() / name
    try:
        late, process = now - file.stat().st_mtime, file.read_text()
    except OSError:
        return f"{name} has left no sign in {folder()}: it does not run here, or only begins."
    if why := STOPPED.get(_state(process)):
        return f"{name} does nothing: its process {process} {why}."
    if late <= 0:
        return ""
    return f"{name} should have given a sign {late:.0f} s ago: it hangs, or cannot reach the broker (REDIS_URL)."


def _state(process: str) -> str:
    """Return the letter of a process's state, as proc(5) has it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return "X"


def of_web_server() -> str:
    """Return what is wrong with this machine's web server; it asks /livez, since a restart mends nothing else."""
    host, port = os.environ.get("BIND_ADDRESS") or "127.0.0.1", os.environ.get("PORT") or "8000"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        with closing(http.client.HTTPConnection(host, int(port), timeout=ANSWER)) as connection:
            connection.request("GET", "/livez")
            status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"The web server does not answer at http://{host}:{port}/livez: {error}."
    return "" if status == 200 else f"The web server answers {status} at http://{host}:{port}/livez."


def of_query_encoder() -> str:
    """Return what is wrong with this machine's query encoder; it is asked for the vectors of no text."""
    place = os.environ.get("QUERY_ENCODER_SOCKET") or str(folder().parent / "encoder.sock")
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(ANSWER)
            client.connect(place)
            client.sendall(b'{"model": "", "texts": []}\n')
            answer = client.makefile("rb").readline()
    except OSError as error:
        return f"The query encoder does not answer at {place}: {error}."
    return "" if b'"shape"' in answer else f"The query encoder answers {answer!r} at {place}."


ASKED = {"web": of_web_server, "encoder": of_query_encoder}


def of_role(role: str, now: float) -> str:
    """Return what is wrong with a role of the Procfile here; mail2 is one more worker of the kind mail."""
    return ASKED[role]() if role in ASKED else of_file(f"{role}@{socket.gethostname()}", now)


def main(roles: list[str]) -> int:
    problems = [problem for role in roles if (problem := of_role(role, time.time()))]
    for problem in problems or (() if roles else ["Name a role of the Procfile, such as mail."]):
        sys.stderr.write(f"{problem}\n")
    return 1 if problems or not roles else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
