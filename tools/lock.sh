#!/bin/sh
# Choose the versions of the development lock: one for every Python and platform, hashed, naming no index.
#
#   tools/lock.sh path/to/uv      (make lock)
#
# A release is left a week to be found out before we take it.
set -eu
uv=$1

compile() { # GROUPS... > FILE
    "$uv" pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --exclude-newer '7 days' "$@"
}

write() { # FILE TITLE, the lock on standard input
    { printf '# %s\n# Made by `make lock`; not edited by hand.\n' "$2"; cat; } >"$1.new"
    mv "$1.new" "$1"
}

compile --group build | write requirements-build.lock 'What builds the packages that come as source.'
compile pyproject.toml --all-extras --group test --group lint | write requirements-dev.lock 'What runs, tests and checks mailtrace.'
