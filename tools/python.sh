#!/bin/sh
# Find Pythons that can run mailtrace: 3.11 or newer, with what makes a virtual environment.
#
#   tools/python.sh          prints the first one found, the machine's own python3 before others
#   tools/python.sh --all    prints one of each minor version that is found, newest first
#
# PYTHON, if set, is the only candidate. Looks on PATH and in pyenv's versions folder (whose shims may name versions
# that are switched off, so a candidate counts only if it runs).
set -u

# Prints "MINOR PATH" (the executable itself, not a shim that may lead elsewhere tomorrow).
look_at() {
    "$1" -c 'import sys
if sys.version_info < (3, 11): sys.exit(1)
print(sys.version_info[1], sys.executable)' 2>/dev/null
}

can_make_venv() {
    "$1" -c 'import venv, ensurepip' >/dev/null 2>&1
}

candidates() {
    if [ -n "${PYTHON:-}" ]; then
        echo "$PYTHON"
        return
    fi
    [ "${1:-}" = --all ] || echo python3
    for minor in 19 18 17 16 15 14 13 12 11; do
        echo "python3.$minor"
        for python in "${PYENV_ROOT:-$HOME/.pyenv}/versions/3.$minor."*/bin/python3; do
            [ -x "$python" ] && echo "$python"
        done
    done
    echo python
}

seen=" "
without_venv=
IFS='
'
for candidate in $(candidates "$@"); do
    found=$(look_at "$candidate") || continue
    minor=${found%% *} path=${found#* }
    case $seen in *" $minor "*) continue ;; esac
    if ! can_make_venv "$path"; then
        without_venv=$path
        continue
    fi
    echo "$path"
    [ "${1:-}" = --all ] || exit 0
    seen="$seen$minor "
done

[ "$seen" = " " ] || exit 0
if [ -n "$without_venv" ]; then
    echo "error: $without_venv cannot make a virtual environment: ensurepip is missing (Debian, Ubuntu: apt install python3-venv)" >&2
elif [ -n "${PYTHON:-}" ]; then
    echo "error: PYTHON=$PYTHON is not a Python 3.11 or newer" >&2
else
    echo "error: no Python 3.11 or newer found: install one, or name it with PYTHON=/path/to/python3" >&2
fi
exit 1
