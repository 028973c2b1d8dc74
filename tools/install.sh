#!/bin/sh
# install.sh BINARY install PREFIX: a self-contained gale: PREFIX/bin/gale, and PREFIX/lib/gale with its Go files for std and the
# shared libraries that are not part of every Debian. It is complete or not there: folders are renamed into place.
set -eu
binary=$1
if [ $# -ne 3 ] || [ -z "$3" ]; then
  echo "usage: gale install PREFIX" >&2
  exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$3/bin" "$3/lib"
prefix=$(cd "$3" && pwd)
new=$prefix/lib/gale.new.$$
trap 'rm -rf "$new" "$prefix/bin/gale.new.$$" "$prefix/lib/gale.old.$$"' EXIT
trap 'exit 130' INT TERM HUP
mkdir "$new"
cp -R "$root/runtime/golib" "$new/golib"
ldd "$binary" | while read -r name arrow path rest; do
  case $name in
  libc.so.* | libm.so.* | libdl.so.* | libpthread.so.* | linux-vdso.* | /*) continue ;;
  esac
  [ "$arrow" = "=>" ] && cp -L "$path" "$new/$name"
done
cp "$binary" "$prefix/bin/gale.new.$$"
strip "$prefix/bin/gale.new.$$" 2>/dev/null || true
if [ -e "$prefix/lib/gale" ]; then
  mv "$prefix/lib/gale" "$prefix/lib/gale.old.$$"
fi
mv "$new" "$prefix/lib/gale"
mv "$prefix/bin/gale.new.$$" "$prefix/bin/gale"
echo "gale: installed $prefix/bin/gale" >&2
