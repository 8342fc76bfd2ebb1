#!/usr/bin/env bash
# Every test, in two runs at once: those that change how a Redmine is provisioned, and all others. Each has its own servers.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

apart=(tests/live/test_apply.py tests/live/test_new_procedure.py tests/live/test_plugin_ruby.py tests/live/test_provision.py)
log=var/test-provisioning.log

mkdir -p var
.venv/bin/python -m pytest -p no:cacheprovider "${apart[@]}" >"$log" 2>&1 &
beside=$!
trap 'kill "$beside" 2>/dev/null' EXIT

.venv/bin/python -m pytest "${apart[@]/#/--ignore=}"
others=$?
echo "test: waiting for ${apart[*]}"
wait "$beside"
provisioning=$?
cat "$log"
exit $((others || provisioning))
