#!/bin/sh
# Make .venv hold exactly what the given locks say, and this project. Quick when it already does.
#
#   scripts/venv.sh requirements.lock [requirements-dev.lock]
set -eu
cd "$(dirname "$0")/.."

fail() { echo "ciq: $*" >&2; exit 1; }

suits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if suits "$candidate"; then echo "$candidate"; return; fi
    done
    found=$("${PYTHON:-python3}" --version 2>&1 | head -n 1) || found="none"
    fail "needs Python 3.11, 3.12 or 3.13 (found: $found); install one, or name it: make PYTHON=/path/to/python3.13"
}

# The environment is bound to its place: a checkout that was moved gets a new one.
same_place() { [ -x .venv/bin/python ] && [ "$(cat .venv/.place 2>/dev/null)" = "$(pwd)" ] && suits .venv/bin/python; }

fresh() { [ "$(cat ".venv/.done-$1" 2>/dev/null)" = "$(cksum "$1")" ]; }

done_with() { cksum "$1" > ".venv/.done-$1"; }

install() { # with uv where there is one, else with pip
    if command -v uv >/dev/null && VIRTUAL_ENV="$(pwd)/.venv" uv pip install --quiet "$@"; then return; fi
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null  # uv makes none
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input "$@"
}

# Two makes at once would install over each other.
if [ -z "${CIQ_VENV_LOCKED:-}" ] && command -v flock >/dev/null; then
    CIQ_VENV_LOCKED=1 exec flock "$0" "$0" "$@"
fi

if ! same_place; then
    python=$(find_python) || exit 1
    echo "Making .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv || fail "could not make .venv (on Debian and Ubuntu: apt install python3-venv)"
    pwd > .venv/.place
fi
for lock in "$@"; do
    if fresh "$lock"; then continue; fi
    echo "Installing the packages of $lock ..."
    # Without a resolver: the lock is complete, and pip's refuses hashed pins of `a` where something needs `a[b]`.
    install --no-deps --require-hashes -r "$lock" || fail "could not install the packages of $lock (see above); run it again"
    done_with "$lock"
done
if ! fresh pyproject.toml; then
    install --no-deps --no-build-isolation -e . || fail "could not install the project itself (see above)"
    done_with pyproject.toml
fi
