#!/usr/bin/env bash
# The package tzdata can be pinned in a lock file, and Python's zoneinfo does not read it where the system has files of its
# own, however old. The tables of 2025b (still on many stable systems) and of 2026f give other local times from autumn
# 2026 on: two hosts with the same lock file put 8 o'clock in Vancouver an hour apart, and in Casablanca the other way.
# Why it matters: a mail of the local morning is planned by one host and looked at by another; planner, web page and
# doctor disagree by an hour, for some countries only, and no test on one host shows it.
# What to do: compare the versions when starting (+VERSION or tzdata.zi beside tzdata.IANA_VERSION), take the newer by
# zoneinfo.reset_tzpath, and show which one is in use.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
pip=("$folder/venv/bin/pip" install -qq --disable-pip-version-check)
"${pip[@]}" tzdata==2026.6
"${pip[@]}" --target "$folder/system" tzdata==2025.2 # stands for the files of a host
cd "$folder"
cat > ask.py <<'PYTHON'
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

for name in ("America/Vancouver", "America/Edmonton", "America/Winnipeg", "America/Havana", "Africa/Casablanca"):
    print(name, f"{datetime(2026, 11, 30, 8, tzinfo=ZoneInfo(name)).astimezone(UTC):%H:%M}Z")
PYTHON
PYTHONTZPATH=$folder/system/tzdata/zoneinfo venv/bin/python ask.py > with_system_files
PYTHONTZPATH='' venv/bin/python ask.py > with_package_alone
venv/bin/python -c 'import tzdata, sys; print("Python", sys.version.split()[0], "tzdata pinned:", tzdata.IANA_VERSION)'
echo "expected: 8:00 on 30 November 2026 by the pinned package, on every host:"
paste -sd ' ' with_package_alone
echo "seen on a host with files of 2025b:"
paste -sd ' ' with_system_files
paste -sd ' ' with_package_alone | grep -q 'Vancouver 15:00Z .*Havana 12:00Z Africa/Casablanca 08:00Z'
paste -sd ' ' with_system_files | grep -q 'Vancouver 16:00Z .*Havana 13:00Z Africa/Casablanca 07:00Z'
