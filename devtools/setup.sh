#!/usr/bin/env bash
# Makes this checkout ready: Debian's packages that are missing, and the virtual environment .venv/.
#
#   devtools/setup.sh [venv|base|test]
#
#   venv   only .venv/               (make lint)
#   base   and a Redmine to copy     (make demo)
#   test   and a browser, PostgreSQL (make test, make bench, make setup)
#
# Running it again is harmless and, when all is there, instant. PYTHON=/path/to/python chooses the interpreter.
# It says a line for each thing it does, nothing when there is nothing to do, and one line with the reason when it cannot.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
venv=.venv
stamp=$venv/.setup-stamp
logs=var/setup
group=${1:-test}

say() { printf 'setup: %s\n' "$*"; }
die() {
    printf 'setup: error: %s\n' "$*" >&2
    exit 1
}

# Debian's packages ---------------------------------------------------------------------------------------------------

listed() { sed -e 's/[[:space:]]*#.*//' -e '/^[[:space:]]*$/d' "$@"; }

missing_packages() { # NAME… -> those that dpkg does not have installed
    command -v dpkg-query >/dev/null || {
        printf '%s\n' "$@"
        return
    }
    local installed
    # dpkg-query answers 1 when it does not know one of them
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p') || true
    comm -23 <(printf '%s\n' "$@" | sort -u) <(printf '%s\n' "$installed" | sort -u)
}

require_apt() { # WHAT…: die with the reason when packages cannot be installed here
    command -v apt-get >/dev/null ||
        die "cannot install $*: this is no Debian (no apt-get); install them by hand, or use Docker (see README.md)"
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; } ||
        die "cannot install $*: run as root, or as a user with sudo without a password, or first: apt-get install $*"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# What runs as root, in a shell of its own. Installing must neither start a service nor make a database: Debian's scripts
# ask policy-rc.d before a start, dbconfig before Redmine's own instance, createcluster.d before PostgreSQL's first cluster.
read -r -d '' INSTALLER <<'ROOT' || true
set -eu
made=""
cleanup() { for file in $made; do rm -f "$file"; done; }
trap cleanup EXIT
trap 'exit 130' INT TERM HUP
put() { # FILE CONTENT, unless it is there
    [ -e "$1" ] && return
    mkdir -p "$(dirname "$1")"
    made="$made $1"
    printf "$2" >"$1"
}
put /usr/sbin/policy-rc.d '#!/bin/sh\nexit 101\n'
case "$made" in *policy-rc.d*) chmod 755 /usr/sbin/policy-rc.d ;; esac
case " $* " in *" postgresql "*)
    put /etc/postgresql-common/createcluster.d/redmine-sop-setup.conf 'create_main_cluster = false\n' ;;
esac
case " $* " in *" redmine "*)
    echo 'redmine redmine/instances/default/dbconfig-install boolean false' | debconf-set-selections ;;
esac
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 NEEDRESTART_SUSPEND=1 LC_ALL=C.UTF-8
apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"
ROOT

apt_update() {
    [ -z "${apt_updated:-}" ] || return 0
    apt_updated=1
    say "apt-get update"
    as_root apt-get update -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=2 >"$logs/apt-update.log" 2>&1 ||
        say "warning: apt-get update failed (no network?); trying with the package lists that are there"
}

apt_install() { # PACKAGE…
    as_root bash -c "$INSTALLER" installer "$@" >"$logs/apt-install.log" 2>&1 </dev/null && return
    grep -E '^(E|Err|dpkg: error)' "$logs/apt-install.log" | head -n 3 >&2 || true
    die "cannot install Debian packages (no network?): $*; all of apt's output is in $logs/apt-install.log"
}

# Python --------------------------------------------------------------------------------------------------------------

fit() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

choose_python() { # prints the interpreter, nothing when there is none that is fit
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 /usr/bin/python3}; do
        if fit "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

too_old() {
    local found=${PYTHON:-python3}
    die "Python 3.11 or newer is needed; $found is $("$found" --version 2>/dev/null || echo not there); set PYTHON=/path/to/python3"
}

python_packages() { # Debian packages without which no virtual environment can be made
    local python
    if [ -n "${PYTHON:-}" ] || { [ -x $venv/bin/python ] && fit $venv/bin/python; }; then return; fi
    python=$(choose_python)
    if [ -z "$python" ]; then
        printf '%s\n' python3 python3-venv
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        printf '%s\n' python3-venv
    fi
}

fingerprint() { # what .venv/ is made of; another place, lock or project: another fingerprint
    printf '%s\n' "$root" "${PYTHON:-}"
    sha256sum requirements-dev.lock pyproject.toml
}

venv_is_ready() {
    [ -f $stamp ] && [ -x $venv/bin/python ] && [ "$(fingerprint)" = "$(cat $stamp)" ] && $venv/bin/python -c '' 2>/dev/null
}

pip() {
    $venv/bin/python -m pip --no-input --disable-pip-version-check "$@" >>"$logs/pip.log" 2>&1 && return
    grep -E '^ERROR' "$logs/pip.log" | tail -n 2 >&2 || true
    die "cannot install the Python packages (no network?); all of pip's output is in $logs/pip.log"
}

make_venv() {
    local python
    : >"$logs/pip.log"
    if [ ! -f $stamp ] || [ "$(head -n 2 $stamp)" != "$(fingerprint | head -n 2)" ] || ! $venv/bin/python -c '' 2>/dev/null; then
        python=$(choose_python)
        [ -n "$python" ] || too_old
        say "making $venv/ with $("$python" --version)"
        "$python" -m venv --clear $venv >"$logs/venv.log" 2>&1 ||
            die "cannot make $venv/ with $python ($(tail -n 1 "$logs/venv.log")); on Debian: apt-get install python3-venv"
    fi
    rm -f $stamp
    say "installing $(grep -c '^[A-Za-z]' requirements-dev.lock) locked Python packages"
    pip install --require-hashes --only-binary :all: -r requirements-dev.lock
    pip install --no-deps --no-build-isolation --no-index -e .
    fingerprint >$stamp
}

# All of it -----------------------------------------------------------------------------------------------------------

case "$group" in
    venv) lists=() ;;
    base) lists=(devtools/debian-packages.txt) ;;
    test) lists=(devtools/debian-packages.txt devtools/debian-packages-test.txt) ;;
    *)
        echo "usage: devtools/setup.sh [venv|base|test]" >&2
        exit 2
        ;;
esac

packages=()
if [ ${#lists[@]} -gt 0 ]; then
    mapfile -t names < <(listed "${lists[@]}")
    mapfile -t packages < <(missing_packages "${names[@]}")
fi
if venv_is_ready && [ ${#packages[@]} = 0 ]; then exit 0; fi

mkdir -p "$logs"
exec 9>"$logs/lock" # a second `make` beside this one waits, then finds the work done
flock -n 9 || {
    say "waiting for another setup to end"
    flock 9
}
if [ -z "$(choose_python)" ] && { [ -n "${PYTHON:-}" ] || ! command -v apt-get >/dev/null; }; then too_old; fi
mapfile -t first < <(python_packages)
if [ ${#lists[@]} -gt 0 ]; then mapfile -t packages < <(missing_packages "${names[@]}"); fi

if [ $((${#first[@]} + ${#packages[@]})) -gt 0 ]; then
    require_apt "${first[@]}" "${packages[@]}"
    apt_update
fi
if [ ${#first[@]} -gt 0 ]; then
    say "installing Debian packages: ${first[*]}"
    apt_install "${first[@]}"
fi
apt_job=""
trap '[ -z "$apt_job" ] || wait "$apt_job"' EXIT # whatever happens to pip, apt is not left half done
if [ ${#packages[@]} -gt 0 ]; then
    say "installing Debian packages: ${packages[*]}"
    apt_install "${packages[@]}" & # beside pip: dpkg and pip each keep one core busy
    apt_job=$!
fi
status=0
venv_is_ready || make_venv || status=$?
if [ -n "$apt_job" ]; then
    wait "$apt_job" || status=$?
    apt_job=""
fi
[ "$status" = 0 ] || exit "$status"
say "ready"
