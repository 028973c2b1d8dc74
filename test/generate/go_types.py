"""The types of generated programs: what the generator must know of each to write expressions of it."""


class Type:
    """kind: int uint float complex string bool struct slice array map ptr func any iface. text is how Go writes it.

    A named type has its own text and the facts of what it stands for; methods is [(name, parameters, result, pointer receiver)].
    """

    def __init__(self, kind, text, bits=0, elem=None, key=None, size=0, fields=(), params=(), result=None):
        self.kind, self.text, self.bits = kind, text, bits
        self.elem, self.key, self.size = elem, key, size
        self.fields, self.params, self.result = list(fields), list(params), result
        self.methods = []

    def __repr__(self):
        return self.text

    def named(self, name):
        t = Type(self.kind, name, self.bits, self.elem, self.key, self.size, self.fields, self.params, self.result)
        return t

    @property
    def is_integer(self):
        return self.kind in ("int", "uint")

    @property
    def is_number(self):
        return self.kind in ("int", "uint", "float")

    @property
    def is_ordered(self):
        return self.is_number or self.kind == "string"

    def limits(self):
        if self.kind == "int":
            return -(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1
        return 0, (1 << self.bits) - 1


def zero_size(t):
    if t.kind == "struct":
        return all(zero_size(f) for _, f in t.fields)
    return t.kind == "array" and (t.size == 0 or zero_size(t.elem))


def comparable(t):
    """May == be written, never panic, and have one answer? (Pointers to two variables of size zero may be equal or not.)"""
    if t.kind in ("slice", "map", "func", "any", "iface") or t.kind == "ptr" and zero_size(t.elem):
        return False
    if t.kind == "struct":
        return all(comparable(f) for _, f in t.fields)
    if t.kind == "array":
        return comparable(t.elem)
    return True


def showable(t):
    """Does printing it show no address?"""
    if t.kind in ("ptr", "func", "iface"):
        return False
    if t.kind == "struct":
        return all(showable(f) for _, f in t.fields)
    if t.kind in ("slice", "array", "map"):
        return showable(t.elem) and (t.key is None or showable(t.key))
    return True


def holds_any(t):
    """May a value of it hold, somewhere, an any?"""
    if t.kind == "struct":
        return any(holds_any(f) for _, f in t.fields)
    return t.kind == "any" or (t.elem is not None and holds_any(t.elem))


def hashable_key(t):
    """A key for maps whose printed order is that of its values: no floats with NaN, no interfaces."""
    if t.kind in ("struct", "array"):
        return comparable(t) and all(hashable_key(f) for f in ([f for _, f in t.fields] if t.kind == "struct" else [t.elem]))
    return t.is_integer or t.kind in ("string", "bool")


INTEGERS = [Type("int", "int", 64)] + [Type("int", f"int{b}", b) for b in (8, 16, 32, 64)] \
    + [Type("uint", "uint", 64)] + [Type("uint", f"uint{b}", b) for b in (8, 16, 32, 64)] + [Type("uint", "uintptr", 64)]
INT = INTEGERS[0]
UINT = INTEGERS[5]
UINT8 = INTEGERS[6]
FLOATS = [Type("float", "float64", 64), Type("float", "float32", 32)]
COMPLEX = Type("complex", "complex128", 128)
STRING = Type("string", "string")
BOOL = Type("bool", "bool")
ANY = Type("any", "any")


def slice_of(t):
    return Type("slice", "[]" + t.text, elem=t)


def array_of(n, t):
    return Type("array", f"[{n}]{t.text}", elem=t, size=n)


def map_of(k, v):
    return Type("map", f"map[{k.text}]{v.text}", key=k, elem=v)


def pointer_to(t):
    return Type("ptr", "*" + t.text, elem=t)


def func_type(params, result):
    return Type("func", "func(" + ", ".join(p.text for p in params) + ") " + result.text, params=params, result=result)
