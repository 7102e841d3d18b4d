#!/usr/bin/env bash
# A mail server that has said "250 OK" to twenty mails of one connection delivers the first ten, and leaves the others in
# its queue without a word: neither an answer nor the order of things tells the eleventh from the tenth. Exim does so
# from the eleventh mail of a connection on (smtp_accept_queue_per_connection = 10); its queue is looked through when
# its runner comes, which on Debian is every thirty minutes.
# Why it matters: whoever sends many mails keeps the connection, as every guide says, and makes most of them late.
# What to do: no more than ten mails a connection, or another value of that option; look at arrivals and not at answers.
# Needs root, for namespaces in which Exim finds its user, and Debian's apt.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" && chmod 755 .
needed=$(apt-get -qq -s --no-install-recommends install exim4-daemon-light | sed -nE 's/^Inst (lib[^ ]+).*/\1/p')
# shellcheck disable=SC2086
apt-get -qq -o APT::Sandbox::User=root download exim4-daemon-light=4.96-15+deb12u11 $needed
for package in *.deb; do dpkg -x "$package" unpacked; done
chmod u-s unpacked/usr/sbin/exim4 # else it looks for its libraries in the system alone
(cat /etc/passwd; echo 'Debian-exim:x:61000:61000::/nonexistent:/bin/false') > passwd
(cat /etc/group; echo 'Debian-exim:x:61000:') > group
install -d -o 61000 -g 61000 spool
LD_LIBRARY_PATH=$(find "$folder/unpacked" -type d -name '*-linux-gnu' | paste -sd:) python3.11 -I - "$folder" <<'PYTHON'
import smtplib
import socket
import subprocess
import sys
from pathlib import Path

folder = Path(sys.argv[1])
CONFIG = """
deliver_drop_privilege = true
exim_path = {0}/unpacked/usr/sbin/exim4
keep_environment = LD_LIBRARY_PATH
spool_directory = {0}/spool
log_file_path = {0}/spool/%slog
pid_file_path =
local_interfaces = 127.0.0.1
daemon_smtp_ports = {1}
primary_hostname = mail.example.net
tls_advertise_hosts =
acl_smtp_rcpt = accept
begin routers
keep:
  driver = accept
  transport = keep
begin transports
keep:
  driver = appendfile
  file = {0}/spool/arrived
  user = Debian-exim
"""


def arrived():
    return (folder / "spool/mainlog").read_text().count(" => ")


with socket.create_server(("127.0.0.1", 0)) as probe:
    port = probe.getsockname()[1]
(folder / "exim.conf").write_text(CONFIG.format(folder, port))
exim = f"{folder}/unpacked/usr/sbin/exim4 -C {folder}/exim.conf"
mounts = "".join(f"mount --bind {folder}/{name} /etc/{name}; " for name in ("passwd", "group"))
alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-ec"]
version = subprocess.run([*alone, f"{mounts}{exim} -bV"], capture_output=True, text=True, check=True).stdout
print(version.splitlines()[0])
server = subprocess.Popen([*alone, f"{mounts}{exim} -bdf & wait"], stderr=subprocess.DEVNULL)
try:
    while socket.socket().connect_ex(("127.0.0.1", port)): pass
    with smtplib.SMTP("127.0.0.1", port) as line:
        answers = [line.sendmail("digest@example.org", "ada@example.com", "Subject: hello\n\nHello.\n") for _ in range(20)]
    while arrived() < 10:
        pass
    waiting = len(list((folder / "spool/input").glob("*-D")))
    print("expected: what was answered with 250 is on its way, each mail like the others")
    print(f"seen: {len(answers)} answered with 250, {arrived()} delivered, {waiting} wait for a queue runner")
finally:
    server.kill()
    server.wait()
raise SystemExit((arrived(), waiting) != (10, 10))
PYTHON
