"""Random expressions of a given type.

Go leaves open in which order a statement's variables are read and its calls are made, and in which order two operations that may
panic do so. Both are avoided by what a statement may hold: calls only of functions without effects, and either calls or at
most one operation that may panic (Unit.mode, Unit.raw_left). Constants never meet constants, so that nothing overflows at
compile time except in constants(), which knows the values.
"""
from go_types import ANY, BOOL, FLOATS, INT, INTEGERS, STRING, UINT8, comparable, holds_any, showable, slice_of

WORDS = ["", "a", "go", "gale", "héllo", "日本", "x\\x00y", "tab\\t", "Zebra", "0123456789", "\\xff\\xfe", "longer than a register"]


class Variable:
    """mutable: may be assigned. fixed: a slice that may share memory and is never appended to. shared: seen from outside the function."""

    def __init__(self, name, type, mutable=True, growable=False, shared=False):
        self.name, self.type, self.mutable, self.growable, self.shared = name, type, mutable, growable, shared


class Expressions:
    """The expression half of Unit (unit.py), which owns rng, scope, functions and types."""

    # --- literals -------------------------------------------------------------------------------------------------------

    def number(self, t):
        low, high = t.limits()
        r = self.rng.random()
        if r < 0.5:
            v = self.rng.randint(0, 9) if t.kind == "uint" else self.rng.randint(-9, 9)
        elif r < 0.7:
            v = self.rng.choice([low, high, high - 1, low + 1, high // 2 + 1])
        elif r < 0.85:
            v = 1 << self.rng.randint(0, t.bits - 2)
        else:
            v = self.rng.randint(low, high)
        return max(low, min(high, v))

    def literal(self, t, depth=1):
        """A literal, constant where the type has constants."""
        rng = self.rng
        if t.is_integer:
            v = self.number(t)
            text = rng.choice([str(v), hex(v), str(v), f"{v:_}".replace("-_", "-")])
            return f"{t.text}({text})"
        if t.kind == "float":
            return f"{t.text}({rng.choice(['0', '1', '-1', '0.5', '2.25', '-3.75', '1e10', '1e-3', '0.1', '123456.789', '-0.3', '0x1p-20', '1e30'])})"
        if t.kind == "complex":
            return f"{t.text}(complex({rng.choice(['1', '-2', '0.5', '0'])}, {rng.choice(['1', '0.25', '-3'])}))"
        if t.kind == "string":
            s = f'"{rng.choice(WORDS)}"'
            return s if t.text == "string" else f"{t.text}({s})"
        if t.kind == "bool":
            b = rng.choice(["true", "false"])
            return b if t.text == "bool" else f"{t.text}({b})"
        if t.kind == "struct":
            if rng.random() < 0.3:
                return f"{t.text}{{{', '.join(self.expr(f, depth - 1) for _, f in t.fields)}}}"
            some = [(n, f) for n, f in t.fields if rng.random() < 0.8]
            return f"{t.text}{{{', '.join(f'{n}: {self.expr(f, depth - 1)}' for n, f in some)}}}"
        if t.kind == "array":
            if rng.random() < 0.2 and t.size > 1:
                return f"{t.text}{{{t.size - 1}: {self.expr(t.elem, depth - 1)}}}"
            n = rng.randint(0, t.size) if t.size else 0
            return f"{t.text}{{{', '.join(self.expr(t.elem, depth - 1) for _ in range(n))}}}"
        if t.kind == "slice":
            if rng.random() < 0.15:
                return f"make({t.text}, {rng.randint(0, 4)}, {rng.randint(4, 9)})"
            return f"{t.text}{{{', '.join(self.expr(t.elem, depth - 1) for _ in range(rng.randint(0, 4)))}}}"
        if t.kind == "map":
            keys = []
            for _ in range(rng.randint(0, 3)):
                k = self.literal(t.key, 1) if t.key.is_integer or t.key.kind in ("string", "bool") else None
                value = self.constant_key(k)
                if k and value not in [self.constant_key(x) for x in keys]:
                    keys.append(k)
            return f"{t.text}{{{', '.join(f'{k}: {self.expr(t.elem, depth - 1)}' for k in keys)}}}"
        if t.kind == "ptr":
            if t.elem.kind == "struct":
                return "&" + self.literal(t.elem, depth)
            return f"new({self.solid(t.elem, depth - 1)})" if not self.constant_type(t.elem) or self.rng.random() < 0.5 else f"new({t.elem.text}({self.solid(t.elem, depth - 1)}))"
        if t.kind == "func":
            return self.function_literal(t)
        if t.kind == "any":
            inner = rng.choice([x for x in self.value_types if comparable(x) and showable(x) and (depth > 0 or self.constant_type(x))])
            return f"any({self.expr(inner, depth - 1)})"
        if t.kind == "iface":
            inner = rng.choice(t.implementers)
            return f"{t.text}({self.expr(inner, depth - 1)})"
        raise AssertionError(t.kind)

    @staticmethod
    def constant_key(text):
        """Equal for literals that are equal constants."""
        if text is None:
            return None
        inside = text[text.find("(") + 1:-1] if "(" in text else text
        try:
            return int(inside, 0)
        except ValueError:
            return inside

    @staticmethod
    def constant_type(t):
        return t.is_number or t.kind in ("complex", "string", "bool")

    # --- calls ----------------------------------------------------------------------------------------------------------

    def callable_functions(self, result, pure=True):
        return [f for f in self.functions if f.result is result and (f.pure or not pure) and (self.may_panic() or not f.panics)
                and (f.quiet or not self.pure) and self.mult * f.cost < 3000]

    def may_panic(self):
        return self.mode == "calls" and self.panics_allowed

    def call(self, f, depth):
        self.cost += self.mult * f.cost
        self.panics = self.panics or f.panics
        arguments = [self.expr(p, depth - 1) for p in f.params]
        if f.receiver is not None:
            target = self.expr(f.receiver, depth - 1)
            if f.by_expression and self.rng.random() < 0.3:
                return f"{f.by_expression}({', '.join([target] + arguments)})"
            return f"({target}).{f.name}({', '.join(arguments)})" if not target.isidentifier() else f"{target}.{f.name}({', '.join(arguments)})"
        return f"{f.name}({', '.join(arguments)})"

    # --- expressions ----------------------------------------------------------------------------------------------------

    def variables(self, t):
        return [v for v in self.scope if v.type is t]

    def leaf(self, t):
        found = self.variables(t)
        if found and self.rng.random() < 0.8:
            return self.rng.choice(found[-6:] + found).name
        return None

    def solid(self, t, depth):
        """An expression that is not a constant."""
        for _ in range(4):
            name = self.leaf(t)
            if name:
                return name
            parts = self.part(t, depth)
            if parts:
                return parts
        return f"{self.rng.choice(['opaque', 'same'])}({self.literal(t, depth - 1)})"

    def part(self, t, depth):
        """A field, an element, what a pointer points to: of some variable, or None."""
        options = []
        for v in self.scope:
            x = v.type
            if x.kind == "struct":
                options += [f"{v.name}.{n}" for n, f in x.fields if f is t]
            elif x.kind == "array" and x.elem is t and x.size:
                options.append(("at", v))
            elif x.kind == "slice" and x.elem is t and self.raw_left and self.rng.random() < 0.5:
                options.append(("raw", v))
            elif x.kind == "map" and x.elem is t:
                options.append(("key", v))
            elif x.kind == "ptr":
                if x.elem is t:
                    options.append("*" + v.name)
                elif x.elem.kind == "struct":
                    options += [f"{v.name}.{n}" for n, f in x.elem.fields if f is t]
        if depth < -2:
            options = [o for o in options if isinstance(o, str)]
        if not options:
            return None
        o = self.rng.choice(options)
        if isinstance(o, str):
            return f"({o})" if o[0] == "*" else o
        how, v = o
        if how == "at":
            if self.raw():
                return f"{v.name}[{self.solid(INT, depth - 1)}&{self.rng.choice([v.type.size | 3, 7])}]"
            return f"{v.name}[{self.index(v.type.size, depth)}]"
        if how == "raw" and self.raw():
            return f"{v.name}[{self.solid(self.rng.choice(INTEGERS), depth - 1)}&{self.rng.choice([1, 3, 7])}]"
        if how == "key":
            return f"{v.name}[{self.expr(v.type.key, depth - 1)}]"
        return None

    def raw(self):
        """Takes the statement's one operation that may panic, if it is still there."""
        if self.raw_left and self.rng.random() < 0.7:
            self.raw_left = False
            self.panics = True
            return True
        return False

    def index(self, size, depth):
        if self.rng.random() < 0.3:
            return str(self.rng.randrange(size))
        if size & (size - 1) == 0 and self.rng.random() < 0.5:
            return f"{self.solid(INT, depth - 1)}&{size - 1}"
        return f"at({self.solid(INT, depth - 1)}, {size})"

    def expr(self, t, depth=2):
        if depth <= 0:
            return self.leaf(t) or self.part(t, depth) or self.literal(t, depth)
        r = self.rng.random()
        if r < 0.15:
            return self.leaf(t) or self.literal(t, depth)
        if r < 0.28:
            return self.part(t, depth) or self.operation(t, depth)
        if r < 0.45 and self.mode == "calls":
            candidates = self.callable_functions(t)
            if candidates:
                return self.call(self.rng.choice(candidates), depth)
        return self.operation(t, depth)

    def operation(self, t, depth):
        rng, e, s = self.rng, lambda x: self.expr(x, depth - 1), lambda x: self.solid(x, depth - 1)
        k = t.kind
        if t.is_integer:
            return self.integer_operation(t, depth)
        if k == "float":
            r = rng.random()
            if r < 0.6:
                return f"({s(t)} {rng.choice('+-*/')} {e(t)})" if rng.random() < 0.5 else f"({e(t)} {rng.choice('+-*')} {s(t)})"
            if r < 0.7:
                return f"{t.text}({s(rng.choice(self.number_types))})"
            if r < 0.8:
                return f"-{s(t)}"
            if r < 0.9:
                return f"{rng.choice(['min', 'max'])}({s(t)}, {e(t)})"
            return f"{t.text}(math.{rng.choice(['Sqrt', 'Abs', 'Floor', 'Ceil', 'Trunc'])}(float64({s(t)})))"
        if k == "complex":
            return f"({s(t)} {rng.choice('+-*')} {e(t)})" if rng.random() < 0.7 else f"{t.text}(complex({e(FLOATS[0])}, {s(FLOATS[0])}))"
        if k == "string":
            return self.string_operation(t, depth)
        if k == "bool":
            return self.bool_operation(t, depth)
        if k == "slice":
            return self.slice_operation(t, depth)
        if k == "array" and t.size and rng.random() < 0.2 and self.raw_left and self.variables(slice_of_kept(self, t.elem)):
            if self.raw():
                return f"{t.text}({rng.choice(self.variables(slice_of_kept(self, t.elem))).name})"
        if k == "any":
            inner = rng.choice(self.value_types)
            if showable(inner) and not holds_any(inner):  # nor could it be printed if it held itself
                return f"any({e(inner)})"
        if k == "ptr" and rng.random() < 0.4:
            found = [v for v in self.scope if v.type is t.elem and v.mutable and not self.pure]
            if found:
                return "&" + rng.choice(found).name
        return self.literal(t, depth)

    def integer_operation(self, t, depth):
        rng, e, s = self.rng, lambda x: self.expr(x, depth - 1), lambda x: self.solid(x, depth - 1)
        r = rng.random()
        if r < 0.35:
            op = rng.choice(["+", "-", "*", "&", "|", "^", "&^"])
            return f"({s(t)} {op} {e(t)})" if rng.random() < 0.5 else f"({e(t)} {op} {s(t)})"
        if r < 0.45:
            op = rng.choice("/%")
            if self.raw():
                return f"({e(t)} {op} {s(t)})"
            if rng.random() < 0.5:
                v = self.number(t)
                return f"({s(t)} {op} {t.text}({v if v else 3}))"
            return f"({e(t)} {op} ({s(t)} | 1))"
        if r < 0.57:
            op = rng.choice(["<<", ">>"])
            count = rng.random()
            if count < 0.4:
                return f"({s(t)} {op} {rng.choice([0, 1, 3, 7, t.bits - 1, t.bits, t.bits + 1])})"
            if count < 0.6 and self.raw():
                return f"({s(t)} {op} ({s(INT)} & {rng.choice(['-1', '15', '127'])}))"
            if count < 0.8:
                return f"({s(t)} {op} ({s(rng.choice(INTEGERS[:5]))} & {rng.choice([7, 31, 63, 127])}))"
            return f"({s(t)} {op} {s(rng.choice(INTEGERS[5:]))})"
        if r < 0.70:
            source = rng.choice(self.number_types)
            if source.kind == "float":
                return f"{t.text}(toInt(float64({s(source)})))"
            return f"{t.text}({s(source)})"
        if r < 0.76:
            return f"{rng.choice(['-', '^'])}{s(t)}" if rng.random() < 0.9 else f"+{s(t)}"
        if r < 0.82:
            return f"{rng.choice(['min', 'max', 'larger'])}({s(t)}, {e(t)})"
        if r < 0.90 and t is INT:
            return self.length(depth)
        if r < 0.94 and t is UINT8:
            x = s(STRING)
            if self.raw():
                return f"{x}[{s(INT)}&3]"
        if r < 0.97:
            found = [v for v in self.scope if v.type.kind == "slice" and v.type.elem is t]
            if found:
                return f"sum({rng.choice(found).name})"
        if self.raw_left and rng.random() < 0.5:
            found = [v for v in self.scope if v.type.kind == "any"]
            if found and self.raw():
                return f"{rng.choice(found).name}.({t.text})"
        return s(t)

    def length(self, depth):
        found = [v for v in self.scope if v.type.kind in ("string", "slice", "map")]
        if not found:
            return self.solid(INT, depth - 1)
        v = self.rng.choice(found)
        return f"len({v.name})"

    def string_operation(self, t, depth):
        rng, e, s = self.rng, lambda x: self.expr(x, depth - 1), lambda x: self.solid(x, depth - 1)
        r = rng.random()
        if r < 0.35:
            parts = [s(t)] + [e(t) for _ in range(rng.randint(1, 3))]
            rng.shuffle(parts)
            text = " + ".join(parts)
            return f"{t.text}(clip(string({text})))" if t is not STRING else f"clip({text})"
        if r < 0.5 and t is STRING and self.variables(t):
            v = rng.choice(self.variables(t)).name
            if self.raw():
                return rng.choice([f"{v}[{s(INT)}&3:]", f"{v}[:{s(INT)}&3]", f"{v}[1:{s(INT)}&3]"])
            return rng.choice([f"{v}[len({v})/2:]", f"{v}[:len({v})/2]", f"{v}[len({v})/3:len({v})*2/3]"])
        if r < 0.6:
            return f"{t.text}(rune({s(INT)} & 0x{rng.choice(['7f', 'ff', 'ffff', '1fffff'])}))"
        if r < 0.7:
            return f"{t.text}([]byte({s(STRING)}))" if rng.random() < 0.5 else f"{t.text}([]rune({s(STRING)}))"
        if r < 0.8:
            return f"{rng.choice(['min', 'max'])}({s(t)}, {e(t)})"
        if r < 0.9 and t is STRING:
            inner = rng.choice([x for x in self.value_types if x.is_number or x.kind in ("bool", "string")])
            return f"clip(fmt.Sprint({e(inner)}))"
        if r < 0.95 and t is STRING:
            return f"clip(strings.{rng.choice(['ToUpper', 'ToLower', 'TrimSpace'])}({e(STRING)}))"
        return self.literal(t)

    def bool_operation(self, t, depth):
        rng, e, s = self.rng, lambda x: self.expr(x, depth - 1), lambda x: self.solid(x, depth - 1)
        r = rng.random()
        convert = (lambda x: x) if t is BOOL else (lambda x: f"{t.text}({x})")
        if r < 0.45:
            x = rng.choice([y for y in self.value_types if y.is_ordered])
            return convert(f"({s(x)} {rng.choice(['<', '<=', '>', '>=', '==', '!='])} {e(x)})")
        if r < 0.6:
            x = rng.choice([y for y in self.value_types if comparable(y)])
            left, right = s(x), e(x)
            if right.startswith("&"):
                right = s(x)
            return convert(f"({left} {rng.choice(['==', '!='])} ({right}))")
        if r < 0.75:
            return f"({s(t)} {rng.choice(['&&', '||'])} {e(t)})"
        if r < 0.85:
            return f"!{s(t)}"
        if r < 0.92:
            found = [v for v in self.scope if v.type.kind in ("slice", "map", "ptr", "func")]
            if found:
                return convert(f"({rng.choice(found).name} {rng.choice(['==', '!='])} nil)")
        found = [v for v in self.scope if v.type.kind in ("any",)]
        if found and self.raw():
            return convert(f"({rng.choice(found).name} == {e(ANY)})")
        return s(t)

    def slice_operation(self, t, depth):
        """A slice of fresh memory, or one of a fixed variable."""
        rng, e = self.rng, lambda x: self.expr(x, depth - 1)
        r = rng.random()
        found = [v for v in self.variables(t)]
        if r < 0.3 and found:
            v = rng.choice(found).name
            return f"append({v}[:len({v}):len({v})], {', '.join(e(t.elem) for _ in range(rng.randint(1, 3)))})"
        if r < 0.4 and found:
            return f"append({t.text}(nil), {rng.choice(found).name}...)"
        fixed = [v for v in found if not v.growable]
        if r < 0.55 and fixed and not self.fresh:
            v = rng.choice(fixed).name
            if self.raw():
                return rng.choice([f"{v}[{self.solid(INT, 0)}&3:]", f"{v}[:{self.solid(INT, 0)}&3:2]", f"{v}[1:{self.solid(INT, 0)}&3]"])
            return rng.choice([f"{v}[len({v})/2:]", f"{v}[:len({v})/2]", f"{v}[len({v})/3:len({v})*2/3]", f"{v}[:len({v})/2:len({v})]"])
        if r < 0.65 and t.elem is UINT8:
            return f"{t.text}({e(STRING)})"
        if r < 0.72 and t.elem.is_integer and t.text.startswith("[]"):
            other = rng.choice([v for v in self.scope if v.type.kind == "slice" and v.type.elem.is_number] or [None])
            if other and other.type.elem.is_integer:
                return f"apply({other.name}, func(x {other.type.elem.text}) {t.elem.text} {{ return {t.elem.text}(x) ^ {t.elem.text}(x>>1) }})"
        if r < 0.78 and t.text.startswith("[]") and found and self.mult < 10 and not self.pure:
            return f"through({rng.choice(found).name}, {rng.randint(0, 3)})"
        return self.literal(t, depth)

    # --- constants whose value the generator knows -------------------------------------------------------------------------

    def constants(self, depth=3):
        """An untyped integer constant expression and its value, of at most some 500 bits."""
        rng = self.rng
        if depth == 0 or rng.random() < 0.2:
            v = rng.choice([rng.randint(0, 9), rng.randint(0, 1 << 40), 1 << rng.randint(0, 100)])
            return str(v), v
        a, x = self.constants(depth - 1)
        b, y = self.constants(depth - 1)
        op = rng.choice(["+", "-", "*", "/", "%", "&", "|", "^", "&^", "<<", ">>"])
        if op in "/%":
            if y == 0:
                return a, x
            q = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
            return f"({a} {op} {b})", q if op == "/" else x - q * y
        if op in ("<<", ">>"):
            n = rng.randint(0, 20)
            return f"({a} {op} {n})", x << n if op == "<<" else x >> n
        value = {"+": x + y, "-": x - y, "*": x * y, "&": x & y, "|": x | y, "^": x ^ y, "&^": x & ~y}[op]
        if abs(value) >> 400:
            return a, x
        return f"({a} {op} {b})", value


def slice_of_kept(unit, elem):
    """The unit's own []elem: types are compared by identity."""
    for t in unit.value_types:
        if t.kind == "slice" and t.elem is elem and t.text.startswith("[]"):
            return t
    return slice_of(elem)
