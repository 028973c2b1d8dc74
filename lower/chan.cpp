// Channel operations.
#include "lower/body.h"

namespace gale::lower {

void Body::send(const Val& chan, const Val& value) { runtime_call("chansend1", {chan.parts[0], temporary(value)}); }

Val Body::receive(const Val& chan, ValueId* ok) {
  Type* elem = types::under_as<types::Chan>(chan.type)->elem;
  const ValueId to = shape(elem).size == 0 ? nil_ptr() : fresh_temporary(elem);
  if (ok != nullptr) {
    *ok = runtime_call("chanrecv2", {chan.parts[0], to})[0];
  } else {
    runtime_call("chanrecv1", {chan.parts[0], to});
  }
  if (shape(elem).size == 0) return zero(elem);
  Val v = load(elem, to);
  v.owned = v.in_memory();
  return v;
}

}  // namespace gale::lower
