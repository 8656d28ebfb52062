# Sourced by ./run and ./test: makes .venv match the lock file named in $lock, when it changed.
# An interrupted installation is simply done again, in a new environment: half a package cannot be
# told from a whole one.

fail() {
  echo "$1" >&2
  exit 1
}

is_new_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
  for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if is_new_enough "$python"; then
      return
    fi
  done
  fail "Python 3.11 or newer is needed; let PYTHON name one (PYTHON=/path/to/python3.12 make run)."
}

make_environment() {
  if [ ! -e .venv/unfinished ] && is_new_enough .venv/bin/python; then
    return
  fi
  find_python
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "This Python has no venv module; on Debian and Ubuntu: apt-get install python3-venv"
  echo "Creating the virtual environment in .venv ..."
  "$python" -m venv --clear .venv || fail "The virtual environment could not be created in .venv."
}

install_packages() {
  if command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then
    uv pip install --quiet --python .venv/bin/python --only-binary :all: --require-hashes -r "$lock"
  else
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
      --only-binary :all: --require-hashes -r "$lock"
  fi
}

installation_failed() {
  rm -f .venv/unfinished
  fail "The packages in $lock could not be installed. The reason stands above; most often it is a \
missing network, or a system for which one of them has no ready-built wheel. Nothing is broken: run \
the same command again."
}

make_environment
installed=".venv/installed-$lock"
checksum=$(cksum <"$lock")
if [ "$(cat "$installed" 2>/dev/null)" != "$checksum" ]; then
  echo "Installing $lock (the first time this takes a minute) ..."
  touch .venv/unfinished
  install_packages || installation_failed
  rm .venv/unfinished
  echo "$checksum" >"$installed"
fi
