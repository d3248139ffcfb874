#!/usr/bin/env bash
# Builds every sample call from its script, the same bytes each time.
#
#   samples/recipe/make.sh            writes samples/<call>/{customer.wav,agent.wav,call.json} and SHA256SUMS
#   samples/recipe/make.sh --check    builds into a temporary folder and compares with SHA256SUMS
#
# Needs (Debian 12): apt-get install flite sox festival festvox-us-slt-hts python3
set -euo pipefail

recipe=$(cd "$(dirname "$0")" && pwd)
samples=$(dirname "$recipe")

# The bytes depend on these: other versions give the same words in slightly different audio.
declare -A wanted=(
    [flite]=2.2-5 [libflite1]=2.2-5 [festival]=1:2.5.0-9
    [festvox-us-slt-hts]=0.2010.10.25-4 [sox]=14.4.2+git20190427-3.5
)
for package in flite libflite1 festival festvox-us-slt-hts sox; do
    found=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null || true)
    if [ -z "$found" ]; then
        echo "make.sh: the package $package is missing; install it with: apt-get install $package" >&2
        exit 1
    fi
    case $found in
        "${wanted[$package]}"*) ;;
        *) echo "make.sh: $package is $found, the bytes in git were made with ${wanted[$package]}" >&2 ;;
    esac
done

target=$samples
if [ "${1:-}" = --check ]; then
    target=$(mktemp -d)
    trap 'rm -rf "$target"' EXIT
fi

for script in "$recipe"/scripts/*.json; do
    call=$(basename "$script" .json)
    echo "$call"
    python3 -B "$recipe/build.py" "$script" "$target/$call"
done

cd "$target"
if [ "$target" = "$samples" ]; then
    sha256sum */call.json */*.wav > "$recipe/SHA256SUMS"
else
    sha256sum --check --quiet "$recipe/SHA256SUMS"
    echo "every file is the same as in git"
fi
