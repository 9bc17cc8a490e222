#!/usr/bin/env bash
# Installs what is missing to run Presync, and nothing else: Debian packages, uv, .venv. Quick when all is there.
#   scripts/bootstrap.sh          for `make demo` and `make ui`
#   scripts/bootstrap.sh --tests  also what `make test` and `make lint` need
#   scripts/bootstrap.sh --bench  also what `make bench` compares with, in environments of their own (.venv-bench, .venv-peers)
set -euo pipefail
cd "$(dirname "$0")/.."

UV_VERSION=0.13.9
PYTHON=${PYTHON:-python3}
bench=
if [[ ${1:-} == --bench ]]; then
    bench=yes
    set -- --tests
fi
packages=(unixodbc libsqliteodbc)
requirements=(requirements.txt)
if [[ ${1:-} == --tests ]]; then
    packages+=(odbc-postgresql postgresql chromium tdsodbc libgssapi-krb5-2 docker-compose)
    requirements+=(requirements-dev.txt)
fi

say() { printf '==> %s\n' "$*"; }
fail() { printf 'bootstrap: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "'$*' needs root, and there is no sudo: run it as root once, then try again"
    fi
}

install_packages() {
    local missing=()
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *' installed' ]] || missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    say "installing ${missing[*]} (Debian packages)"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

system_packages() {
    if ! command -v dpkg-query >/dev/null; then
        say "this is no Debian: make sure that the equivalents of ${packages[*]} are installed"
        return
    fi
    # Debian splits venv off; other Pythons bring it along
    "$PYTHON" -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
    install_packages "${packages[@]}"
}

python_environment() {
    local stamp=.venv/.presync wanted
    wanted=$("$PYTHON" --version; cat pyproject.toml requirements*.txt scripts/bootstrap.sh | sha256sum; pwd)
    # an environment for tests holds everything that the demo needs
    local good_enough=("$stamp-tests")
    [[ ${1:-} == --tests ]] || good_enough+=("$stamp")
    for file in "${good_enough[@]}"; do
        [[ -f $file && $(<"$file") == "$wanted" ]] && return
    done
    say "installing Python packages into .venv"
    [[ -x .venv/bin/python ]] || "$PYTHON" -m venv .venv
    local uv=uv
    if ! uv --version >/dev/null 2>&1; then
        .venv/bin/python -m pip install --quiet "uv==$UV_VERSION"
        uv=.venv/bin/uv
    fi
    local files=()
    for file in "${requirements[@]}"; do files+=(-r "$file"); done
    "$uv" pip install --quiet --python .venv/bin/python --compile-bytecode "${files[@]}"
    "$uv" pip install --quiet --python .venv/bin/python --no-deps --editable .
    printf '%s\n' "$wanted" >"$stamp${1:+-tests}"
}

# apart: their pins differ from Presync's, and nothing else needs them
environment_of() {
    local name=$1 stamp=.venv-$1/.presync wanted
    wanted=$("$PYTHON" --version; sha256sum "requirements-$name.txt")
    [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && return
    say "installing what benchmarks compare with into .venv-$name"
    [[ -x .venv-$name/bin/python ]] || "$PYTHON" -m venv ".venv-$name"
    local uv=uv
    uv --version >/dev/null 2>&1 || uv=.venv/bin/uv
    "$uv" pip install --quiet --python ".venv-$name/bin/python" --compile-bytecode -r "requirements-$name.txt"
    printf '%s\n' "$wanted" >"$stamp"
}

command -v "$PYTHON" >/dev/null || fail "there is no $PYTHON; Presync needs Python 3.11, 3.12 or 3.13"
"$PYTHON" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' ||
    fail "$("$PYTHON" --version) found; Presync needs Python 3.11, 3.12 or 3.13 (say which: PYTHON=python3.12)"
system_packages
python_environment "$@"
if [[ -n $bench ]]; then
    environment_of bench
    environment_of peers
fi
