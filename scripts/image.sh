#!/bin/sh
# Lays out the root of a container that holds one binary and nothing else that could be run: image.sh BINARY DIRECTORY
set -eu
binary=$1
image=$2
mkdir -p "$image/data" "$image/etc/ssl/certs" "$image/tmp"
chmod 1777 "$image/tmp"
cp "$binary" "$image/hiveboard"
# Each line names a file: the linker that starts the binary, and the libraries that it asks for.
ldd "$binary" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$image$(dirname "$library")"
    cp -L "$library" "$image$library"
done
# For mail and webhooks over TLS.
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
    cp /etc/ssl/certs/ca-certificates.crt "$image/etc/ssl/certs/"
fi
