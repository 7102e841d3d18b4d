#!/usr/bin/env bash
# A mail in two parts whose links stand an odd number of times in both together gets a whole point from rspamd, of the
# four at which it lets a mail wait; with one link more or fewer it gets none. Its rule (URI_COUNT_ODD, "Odd number of
# URIs in multipart/alternative message") passes where both parts say the same, and where a link is in the HTML alone.
# Why it matters: one link said again at the HTML's foot, and every mail of a list is a quarter of the way to a delay.
# What to do: each link as often in the text as in the HTML; count them in a test.
# Needs root, for a namespace in which rspamd finds its files, and Debian's apt.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder" && mkdir "$folder/unpacked" "$folder/layers" && cd "$folder/unpacked"
needed=$(apt-get -qq -s --no-install-recommends install rspamd=3.4-1 | sed -nE 's/^Inst (lib[^ ]+|rspamd|[^ ]*hyperscan[^ ]*).*/\1/p')
# shellcheck disable=SC2086
apt-get -qq -o APT::Sandbox::User=root download ${needed/rspamd/rspamd=3.4-1}
for package in *.deb; do dpkg -x "$package" .; done
cp -a lib/. usr/lib 2>/dev/null || true # where packages still name two folders and the system has one
mkdir -p var
port=$(python3.11 -I -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat > "$folder/start" <<START
mount -t tmpfs tmpfs $folder/layers
for each in usr etc var; do
    mkdir $folder/layers/\$each $folder/layers/\$each.work
    mount -t overlay overlay -o lowerdir=$folder/unpacked/\$each:/\$each,upperdir=$folder/layers/\$each,workdir=$folder/layers/\$each.work /\$each
done
mount -t tmpfs tmpfs /run
mkdir -p /run/rspamd /var/lib/rspamd /var/log/rspamd /etc/rspamd/local.d
chown nobody:nogroup /run/rspamd /var/lib/rspamd /var/log/rspamd
cd /etc/rspamd/local.d
echo 'bind_socket = "127.0.0.1:$port"; count = 1;' > worker-normal.inc
for each in controller proxy fuzzy; do echo 'enabled = false;' > worker-\$each.inc; done
echo 'dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }' > options.inc
rspamd --version | head -1
exec rspamd -f -u nobody -g nogroup > /dev/null 2>&1
START
setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc sh -e "$folder/start" &
python3.11 -I - "$port" $! <<'PYTHON'
import json
import os
import socket
import sys
from email.message import EmailMessage
from urllib.request import urlopen

port = int(sys.argv[1])


def points(in_text, in_html):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "digest@example.org", "ada@example.com", "Papers"
    mail.set_content("".join(f"https://papers.example.org/{n}\n" for n in in_text))
    links = "".join(f'<p><a href="https://papers.example.org/{n}">One</a></p>' for n in in_html)
    mail.add_alternative(f"<html><body>{links}</body></html>", subtype="html")
    with urlopen(f"http://127.0.0.1:{port}/checkv2", bytes(mail)) as answer:
        return json.load(answer)["symbols"].get("URI_COUNT_ODD", {"score": 0.0})["score"]


while socket.socket().connect_ex(("127.0.0.1", port)):
    os.kill(int(sys.argv[2]), 0)
print("expected: a link that is said again does not matter, least of all by whether it is one or two")
seen = [points(*parts) for parts in [("abcd", "abcd"), ("abcd", "abcda"), ("abcd", "abcdab"), ("abcda", "abcda")]]
for what, score in zip(["none", "one in the HTML", "two in the HTML", "one in both parts"], seen):
    print(f"seen: links said again: {what}: {score:+.1f}")
os.kill(int(sys.argv[2]), 9)
raise SystemExit(seen != [0.0, 1.0, 0.0, 0.0])
PYTHON
