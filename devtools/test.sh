#!/usr/bin/env bash
# Lint and every test, in four runs at once, each with its own servers: tests that change how a Redmine is provisioned, live
# ones of whole tickets, the other live ones, and the rest. Arguments go to each run of pytest.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

provisioning=(tests/live/test_{apply,new_procedure,plugin_ruby,provision}.py)
tickets=(tests/live/test_{all_procedures,entries,moves,profiles,restricted_data,service}.py)
others=(tests/live "${provisioning[@]/#/--ignore=}" "${tickets[@]/#/--ignore=}")
names=(provisioning tickets others)

mkdir -p var
runs=()
trap 'kill "${runs[@]}" 2>/dev/null' EXIT
for name in "${names[@]}"; do
    declare -n files="$name"
    .venv/bin/python -m pytest -p no:cacheprovider "${files[@]}" "$@" >"var/test-$name.log" 2>&1 &
    runs+=($!)
done

failed=0
make lint || failed=1
.venv/bin/python -m pytest --ignore=tests/live "$@" || failed=1
for each in "${!names[@]}"; do
    echo "test: waiting for ${names[each]}"
    wait "${runs[each]}" || failed=1
    cat "var/test-${names[each]}.log"
done
exit "$failed"
