#!/bin/sh
# build.sh PRESET [TARGET...]: configures (once) and builds a preset of CMakePresets.json, with progress on stderr.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
preset=$1
shift
cd "$root"
[ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >"${TMPDIR:-/tmp}/gale-configure.$$" 2>&1 || {
  cat "${TMPDIR:-/tmp}/gale-configure.$$" >&2
  exit 1
}
rm -f "${TMPDIR:-/tmp}/gale-configure.$$"
if [ $# -gt 0 ]; then
  cmake --build "build/$preset" --target "$@" >&2
else
  cmake --build "build/$preset" >&2
fi
