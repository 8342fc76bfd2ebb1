#!/usr/bin/env bash
# Every test, in three runs at once: those that change how a Redmine is provisioned, the other live ones, and the rest.
# Each has its own servers. Arguments go to each run.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

provisioning=(tests/live/test_apply.py tests/live/test_new_procedure.py tests/live/test_plugin_ruby.py tests/live/test_provision.py)
logs=(var/test-provisioning.log var/test-live.log)

mkdir -p var
runs=()
trap 'kill "${runs[@]}" 2>/dev/null' EXIT
.venv/bin/python -m pytest -p no:cacheprovider "${provisioning[@]}" "$@" >"${logs[0]}" 2>&1 &
runs+=($!)
.venv/bin/python -m pytest -p no:cacheprovider tests/live "${provisioning[@]/#/--ignore=}" "$@" >"${logs[1]}" 2>&1 &
runs+=($!)

.venv/bin/python -m pytest --ignore=tests/live "$@"
failed=$?
for each in 0 1; do
    echo "test: waiting for the run of ${logs[each]}"
    wait "${runs[each]}" || failed=1
    cat "${logs[each]}"
done
exit "$failed"
