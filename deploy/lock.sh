#!/bin/sh
# Write the lock files anew: every package, every hash, for Python 3.11 and later on any machine.
#
# Releases of the last week are left out: a package that was taken over is mostly found out and
# withdrawn within days. COOLDOWN="0 days" takes an urgent repair at once.
# The development lock is solved first and binds the other, so that both name the same versions.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}

compile() {
    output=$1
    shift
    echo "Locking $output ..."
    UV_SYSTEM_CERTS=1 "$uv" pip compile --quiet --upgrade --universal --python-version 3.11 \
        --generate-hashes --no-header --no-emit-index-url --no-annotate \
        --exclude-newer "${COOLDOWN:-7 days}" --output-file "$output" "$@"
}

compile requirements-dev.lock pyproject.toml --group dev
compile requirements.lock pyproject.toml --constraint requirements-dev.lock
compile deploy/bootstrap.lock deploy/bootstrap.in
