#!/bin/sh
# The freestanding program prints one line to standard error through a gate and exits with 42.
out=$("$1" 2>&1)
code=$?
[ "$code" = 42 ] && [ "$out" = "hello from g1: 7" ] && exit 0
echo "exit $code, output: $out"
exit 1
