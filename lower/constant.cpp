// Constants of every basic type.
#include "lower/body.h"
#include "types/constant.h"

namespace gale::lower {

Val Body::string_constant(std::string_view s, Type* t) {
  if (s.empty()) return val(t, {nil_ptr(), i64(0)});
  return val(t, {sym_addr(program.string_data(s)), i64(static_cast<int64_t>(s.size()))});
}

Val Body::constant(types::Const c, Type* t) {
  auto* b = types::under_as<types::Basic>(t);
  if (b == nullptr) {
    // A constant that becomes an interface value: of its default type first.
    Type* own = nullptr;
    switch (types::constant_kind(c)) {
      case types::ConstantKind::Bool: own = types::basic(types::BasicKind::Bool); break;
      case types::ConstantKind::String: own = types::basic(types::BasicKind::String); break;
      case types::ConstantKind::Float: own = types::basic(types::BasicKind::Float64); break;
      case types::ConstantKind::Complex: own = types::basic(types::BasicKind::Complex128); break;
      default: own = types::basic(types::BasicKind::Int); break;
    }
    return assign_convert(constant(c, program.types.get(own)), t);
  }
  const uint16_t flags = b->flags;
  if ((flags & types::kIsBoolean) != 0) return scalar(t, bool_const(types::bool_value(c)));
  if ((flags & types::kIsString) != 0) {
    if (types::constant_kind(c) == types::ConstantKind::String) return string_constant(types::string_value(c), t);
    return zero(t);
  }
  if ((flags & types::kIsInteger) != 0) {
    types::Const i = types::to_int(c);
    return scalar(t, iconst(shape(t).parts[0].ty, static_cast<int64_t>(types::wrapped_uint64(i))));
  }
  auto real = [&](Ty ty, types::Const x) {
    return ty == Ty::F32 ? fconst(ty, static_cast<double>(types::float32_value(x))) : fconst(ty, types::float64_value(x));
  };
  if ((flags & types::kIsFloat) != 0) {
    types::Const f = types::constant_kind(c) == types::ConstantKind::Complex ? types::real_part(c) : c;
    return scalar(t, real(shape(t).parts[0].ty, f));
  }
  if ((flags & types::kIsComplex) != 0) {
    types::Const z = types::to_complex(c);
    const Ty ty = shape(t).parts[0].ty;
    return val(t, {real(ty, types::real_part(z)), real(ty, types::imag_part(z))});
  }
  if (b->basic == types::BasicKind::UnsafePointer) {
    uint64_t v = 0;
    types::uint64_value(types::to_int(c), &v);
    return scalar(t, op(Op::IntToPtr, Ty::Ptr, {i64(static_cast<int64_t>(v))}));
  }
  return zero(t);
}

}  // namespace gale::lower
