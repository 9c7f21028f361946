#!/bin/sh
# Read secrets from files and start what the arguments say.
#
# Each file hotline_<name> under /run/secrets becomes the setting HOTLINE_<NAME>, so that no secret
# stands in a compose file, an image or a list of processes. An empty file is a setting not made.
set -eu
for file in "${SECRETS_DIR:-/run/secrets}"/hotline_*; do
    [ -s "$file" ] || continue
    if [ ! -r "$file" ]; then
        echo "The secret $file cannot be read by this user." >&2
        exit 1
    fi
    name=$(basename "$file" | tr '[:lower:]' '[:upper:]')
    value=$(cat "$file")
    export "$name=$value"
done
exec "$@"
