// Exact constants (spec: Constants): booleans, strings, integers, rationals/big floats, complex numbers.
//
// A Constant is immutable and lives as long as the program (or a ConstantArena). Integers that fit 64 bits take a fast
// path; larger ones are GMP integers. Floats are exact rationals while small, then 512-bit MPFR floats. Kinds are
// normalised downwards when exact: 1.0 has kind Float until to_int() is asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "syntax/token.h"

namespace gale::types {

struct Type;
enum class BasicKind : uint8_t;

enum class ConstantKind : uint8_t { Unknown, Bool, String, Int, Float, Complex };

struct Constant;  // opaque: constant.cpp
using Const = const Constant*;

ConstantKind constant_kind(Const c);
Const make_unknown();
Const make_bool(bool b);
Const make_string(std::string_view s);
Const make_int64(int64_t v);
Const make_uint64(uint64_t v);
Const make_float64(double v);
Const make_imaginary(Const re_part);  // re_part * 1i
// A literal as written (int in all bases with _, float incl. hex, imaginary, rune, string interpreted or raw); Unknown if malformed.
Const make_from_literal(std::string_view text, int lit_kind /* syntax::LitKind */);

bool bool_value(Const c);
std::string_view string_value(Const c);
bool int64_value(Const c, int64_t* out);    // false: not an integer constant, or does not fit
bool uint64_value(Const c, uint64_t* out);
double float64_value(Const c, bool* exact = nullptr);  // nearest (Int and Float kinds)
float float32_value(Const c, bool* exact = nullptr);
Const real_part(Const c);
Const imag_part(Const c);
int sign(Const c);      // -1, 0, 1; complex: 0 iff zero
int bit_length(Const c);  // of |x|, integers
Const to_int(Const c);      // exact conversion or Unknown
Const to_float(Const c);
Const to_complex(Const c);

// spec: Constant expressions. Operands are matched to the larger kind. `bits`: for ^x of unsigned types (0: signed/untyped).
Const unary_op(syntax::Op op, Const x, unsigned bits);
Const binary_op(Const x, syntax::Op op, Const y);  // Div of two Ints gives a Float-kind quotient; use int_quotient for integer division
Const int_quotient(Const x, Const y);
Const int_remainder(Const x, Const y);
Const shift(Const x, syntax::Op op, unsigned count);
bool compare(Const x, syntax::Op op, Const y);

// Is x representable in a basic type? If so *rounded (may be null) gets the value rounded to it (spec: Representability).
bool representable(Const x, BasicKind kind, Const* rounded);

std::string to_text(Const c);        // exact, short form as in gc's messages (large floats as %.6g, strings quoted and cut at 72)
std::string exact_text(Const c);
// Little-endian two's complement of an integer modulo 2^64.
uint64_t wrapped_uint64(Const c);

}  // namespace gale::types
