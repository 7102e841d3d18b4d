#!/usr/bin/env bash
# Two builds of Debian 12's Python call themselves 3.11.2 and read the same expression differently. In the older one a group
# that gives nothing back, (?:...)++, keeps what it had read of an alternative that then failed (a possessive part before
# a look-ahead): "title =" is passed over as if it were blanks. The newer build, of the security updates, reads it right.
# Why it matters: fields of BibTeX that begin with a blank, which is nearly all of them, were lost without an error on one
# server and not on the next; sys.version_info tells no difference, and tests on a newer 3.11 see nothing.
# What to do: put no possessive part with something behind it into a possessive group; take pieces one after the other.
set -euo pipefail
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo "This needs Debian 12's apt-get and dpkg-deb."; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cat > "$folder/read.py" <<'PYTHON'
import re

FIELDS = r"(?:\s++|[^\s=]++(?!\s*+=))++|(?P<name>[^\s=]++)\s*+="
print([found["name"] for found in re.finditer(FIELDS, " title = x") if found["name"]])
PYTHON

seen() {  # what the build of these two packages finds, after the version that it tells
    local place
    place=$(mktemp -d -p "$folder")
    (cd "$place" && apt-get -qq -o APT::Sandbox::User=root download "$@")
    for package in "$place"/*.deb; do dpkg-deb -x "$package" "$place/root"; done
    export PYTHONHOME="$place/root/usr"
    "$PYTHONHOME/bin/python3.11" -S -c 'import sys; print(sys.version.split()[0], end=" ")'
    "$PYTHONHOME/bin/python3.11" -S "$folder/read.py"
}

older=$(seen python3.11-minimal=3.11.2-6+deb12u8 libpython3.11-minimal=3.11.2-6+deb12u8)
newer=$(seen python3.11-minimal=3.11.2-6+deb12u9 libpython3.11-minimal=3.11.2-6+deb12u9)
echo "expected: the field of ' title = x' is found by both: 3.11.2 ['title']"
echo "seen: 3.11.2-6+deb12u8 says: $older"
echo "seen: 3.11.2-6+deb12u9 says: $newer"
if [ "$older" != "3.11.2 []" ] || [ "$newer" != "3.11.2 ['title']" ]; then
    echo "This has changed."
    exit 1
fi
