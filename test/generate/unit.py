"""One generated unit: types, globals, functions, methods, and `func uN()` that runs it all and prints.

A function's cost is the number of statements it executes at most; loops multiply, calls add, and calls that would cost too much
are not made: every program ends, soon, without a counter in it.
"""
import random

import go_types
from expressions import Expressions, Variable
from go_types import ANY, BOOL, COMPLEX, FLOATS, INT, INTEGERS, STRING, Type, UINT8, hashable_key, showable
from kernels import Kernels
from statements import Statements

# What a unit imports, and a use of each, as not every unit has one.
IMPORTS = {"encoding/binary": "binary.BigEndian", "fmt": "fmt.Sprint", "math": "math.Sqrt", "math/bits": "bits.Len", "strings": "strings.ToUpper"}


class Function:
    """pure: changes nothing that is seen outside, so that it may stand in any expression. quiet: does not print."""

    def __init__(self, name, params, result, pure, cost=1, panics=False, receiver=None, by_expression=None):
        self.name, self.params, self.result, self.pure, self.quiet = name, params, result, pure, pure
        self.cost, self.panics, self.receiver, self.by_expression = cost, panics, receiver, by_expression


class Unit(Expressions, Statements, Kernels):
    def __init__(self, seed, number, statements=30):
        self.rng = random.Random(seed)
        self.name = f"u{number}"
        self.upper = f"U{number}"
        self.size = statements
        self.interned, self.value_types, self.functions, self.declarations = {}, [], [], []
        self.serial = 0
        self.globals, self.interfaces = [], []
        self.start_function(pure=True, panics_allowed=False)
        self.choose_types()

    def intern(self, t):
        return self.interned.setdefault(t.text, t)

    def fresh_name(self, stem):
        self.serial += 1
        return f"{stem}{self.serial}"

    def start_function(self, pure, panics_allowed=True):
        self.scope = list(self.globals)
        self.pure, self.panics_allowed = pure, panics_allowed
        self.cost, self.mult, self.panics, self.fresh = 1, 1, False, False
        self.mode, self.raw_left = "plain", False
        self.labels, self.loop_depth, self.depth, self.can_defer = [], 0, 0, True
        self.result, self.named_result = None, None

    # --- types ------------------------------------------------------------------------------------------------------------

    def choose_types(self):
        rng = self.rng
        basic = rng.sample(INTEGERS, 3) + [INT, UINT8, rng.choice(FLOATS), FLOATS[0], STRING, BOOL, ANY]
        if rng.random() < 0.3:
            basic.append(COMPLEX)
        for t in basic:
            self.add_type(t)
        self.number_types = [t for t in self.value_types if t.is_number]
        named = rng.choice([t for t in self.value_types if t.kind != "any"])
        self.add_type(named.named(self.declare_type(named.text)))
        if rng.random() < 0.5:
            named = rng.choice(self.number_types)
            t = self.add_type(named.named(self.declare_type(named.text)))
            self.number_types.append(t)
        for _ in range(rng.randint(2, 3)):
            self.add_struct()
        for _ in range(rng.randint(2, 4)):
            plain = rng.choice(self.plain_types())
            self.add_type(rng.choice([go_types.slice_of(plain), go_types.array_of(rng.choice([1, 2, 3, 4, 8]), plain)]))
        self.add_type(go_types.slice_of(INT))
        keys = [t for t in self.plain_types() if hashable_key(t)]
        for _ in range(2):
            self.add_type(go_types.map_of(rng.choice(keys), rng.choice(self.plain_types())))
        slices = [t for t in self.value_types if t.kind == "slice"]
        if rng.random() < 0.5:
            base = rng.choice(slices)
            self.add_type(base.named(self.declare_type(base.text)))
        for t in rng.sample(self.plain_types(), 2):
            self.add_type(go_types.pointer_to(t))
        for t in self.value_types:
            if t.kind == "struct" and rng.random() < 0.7:
                self.add_type(go_types.pointer_to(t))
        for _ in range(2):
            self.add_type(go_types.func_type([rng.choice(self.plain_types()) for _ in range(rng.randint(0, 2))], rng.choice(self.plain_types())))

    def plain_types(self):
        """Types whose zero value is of use: what structs and arrays are made of."""
        return [t for t in self.value_types if t.kind not in ("ptr", "func", "map", "iface")]

    def add_type(self, t):
        t = self.intern(t)
        if t not in self.value_types:
            self.value_types.append(t)
        return t

    def declare_type(self, underlying):
        name = self.fresh_name(self.upper + "T")
        self.declarations.append(f"type {name} {underlying}")
        return name

    def add_struct(self):
        rng = self.rng
        fields = [(f"F{i}", rng.choice(self.plain_types())) for i in range(rng.choice([0, 1, 2, 3, 4, 6, 9]))]
        bases = [t for t in self.value_types if t.kind == "struct" and t.fields]
        embedded = ""
        if bases and rng.random() < 0.4:
            base = rng.choice(bases)
            embedded = base.text + "; "
            fields = [(n + "x", f) for n, f in fields]
            fields.insert(0, (base.text, base))
        name = self.declare_type("struct {" + embedded + "; ".join(f"{n} {f.text}" for n, f in (fields[1:] if embedded else fields)) + "}")
        self.add_type(Type("struct", name, fields=fields))

    # --- functions ----------------------------------------------------------------------------------------------------------

    def pick_type(self):
        r = self.rng.random()
        if r < 0.4:
            return self.rng.choice(self.number_types)
        if r < 0.8:
            return self.rng.choice(self.plain_types())
        return self.rng.choice(self.value_types)

    def write_function(self, receiver=None):
        rng = self.rng
        pure = rng.random() < 0.6
        name = self.fresh_name("M" if receiver else self.name + "f")
        self.start_function(pure, panics_allowed=rng.random() < 0.6)
        result = self.pick_type()
        params = [self.pick_type() for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4, 7]))]
        names = [f"p{i}" for i in range(len(params))]
        if receiver:
            self.scope.append(Variable("r", receiver, shared=receiver.kind == "ptr"))
        for n, t in zip(names, params):
            self.scope.append(Variable(n, t, shared=t.kind in ("slice", "map", "ptr")))
        named = rng.random() < 0.3 and result.kind not in ("func", "iface", "ptr", "map")
        self.result = result
        if named:
            self.named_result = Variable("res", result)
            self.scope.append(self.named_result)
        body = self.block(rng.randint(2, 9))
        body.append("return " + self.returned(result))
        head = f"func {'(r ' + receiver.text + ') ' if receiver else ''}{name}({', '.join(f'{n} {t.text}' for n, t in zip(names, params))}) "
        head += f"(res {result.text})" if named else result.text
        note = "//go:noinline\n" if rng.random() < 0.2 else ""
        self.declarations.append(note + head + " {\n" + "\n".join(body) + "\n}")
        f = Function(name, params, result, pure, self.cost, self.panics, receiver)
        if receiver:
            f.by_expression = f"({receiver.text}).{name}" if receiver.kind == "ptr" else f"{receiver.text}.{name}"
            receiver.methods.append((name, params, result, receiver.kind == "ptr"))
        self.functions.append(f)
        return f

    def write_recursive(self):
        """A function that calls itself, n levels deep."""
        rng = self.rng
        name = self.fresh_name(self.name + "r")
        t = rng.choice(self.number_types)
        self.start_function(pure=True, panics_allowed=False)
        self.scope += [Variable("n", INT, mutable=False), Variable("p", t)]
        first = self.expr(t, 2)
        step = self.expr(t, 2)
        extra = f"var pad [{rng.choice([1, 20, 300])}]{t.text}\n\tpad[at(n, len(pad))] = p\n\t" if rng.random() < 0.5 else ""
        used = f" + pad[at(n, len(pad))]" if extra else ""
        self.declarations.append(f"func {name}d(n int, p {t.text}) {t.text} {{\n\tif n <= 0 {{\n\t\treturn {first}\n\t}}\n\t{extra}return {name}d(n-1, {step}) + p{used}\n}}")
        self.declarations.append(f"func {name}(p {t.text}) {t.text} {{ return {name}d({rng.choice([3, 40, 700])}, p) }}")
        self.functions.append(Function(name, [t], t, True, cost=700))

    def write_interface(self):
        """An interface of a method that several types get."""
        rng = self.rng
        types = rng.sample([t for t in self.value_types if t.kind == "struct" or t.text.startswith(self.upper)], 2)
        method, result, param = self.fresh_name("Do"), rng.choice(self.number_types), rng.choice(self.plain_types())
        name = self.declare_type(f"interface {{ {method}({param.text}) {result.text} }}")
        iface = Type("iface", name)
        iface.implementers, cost, panics = [], 1, False
        for t in types:
            by_pointer = rng.random() < 0.4
            receiver = self.intern(go_types.pointer_to(t)) if by_pointer else t
            self.start_function(pure=True, panics_allowed=rng.random() < 0.5)
            self.scope += [Variable("r", receiver, shared=by_pointer), Variable("p", param, shared=param.kind == "slice")]
            self.result = result
            body = self.block(rng.randint(1, 4))
            body.append("return " + self.returned(result))
            self.declarations.append(f"func (r {receiver.text}) {method}(p {param.text}) {result.text} {{\n" + "\n".join(body) + "\n}")
            iface.implementers.append(receiver)
            cost, panics = max(cost, self.cost), panics or self.panics
        self.interfaces.append(iface)
        self.add_type(iface)
        self.functions.append(Function(method, [param], result, True, cost, panics, iface))

    def returned(self, t):
        self.begin_statement()
        self.fresh = True
        text = self.expr(t, 3)
        self.fresh = False
        return text

    def write_globals(self):
        rng = self.rng
        made = []
        for _ in range(rng.randint(1, 4)):
            t = rng.choice([x for x in self.value_types if x.kind not in ("iface", "func", "ptr")])
            self.start_function(pure=True, panics_allowed=False)
            self.scope += made
            self.mode = "calls"
            name = self.fresh_name(self.name + "g")
            self.fresh = True
            self.declarations.append(f"var {name} {t.text} = {self.expr(t, 2)}")
            self.fresh = False
            made.append(Variable(name, t, shared=True))
        self.globals += made

    def constants_block(self):
        rng = self.rng
        lines = ["const ("]
        for i in range(rng.randint(1, 4)):
            text, value = self.constants()
            t = rng.choice([x for x in self.number_types if x.is_integer])
            low, high = t.limits()
            if not low <= value <= high:
                text, value = f"({text}) & 0x7f", value & 0x7f
            name = f"{self.name}c{i}"
            lines.append(f"\t{name} = {text}")
            self.globals.append(Variable(f"{t.text}({name})", t, mutable=False))
        lines.append(")")
        self.declarations.append("\n".join(lines))

    def write(self):
        """The unit's text."""
        rng = self.rng
        self.write_globals()
        for _ in range(rng.randint(2, 5)):
            self.write_function()
        self.write_recursive()
        for t in rng.sample([t for t in self.value_types if t.kind == "struct" or t.text.startswith(self.upper)], 2):
            if t.kind != "iface":
                self.write_function(self.intern(go_types.pointer_to(t)) if rng.random() < 0.4 else t)
        if rng.random() < 0.8:
            self.write_interface()
        self.write_globals()
        for _ in range(rng.randint(1, 3)):
            self.write_function()
        main = []
        for i in range(3):
            self.start_function(pure=False, panics_allowed=i == 2)  # a panic ends the rest: mostly inside try
            self.result = None
            body = self.block(self.size // 3)
            main.append(f'try("{self.name} {i}", func() {{\n' + "\n".join(body) + "\n})")
        shown = [g.name for g in self.globals if g.mutable and showable(g.type)]
        main.append(f'show("{self.name} globals"{"".join(", " + n for n in shown)})')
        imports = "package main\n\nimport (\n" + "".join(f'\t"{path}"\n' for path in IMPORTS) + ")\n\nvar (\n" \
            + "".join(f"\t_ = {name}\n" for name in IMPORTS.values()) + ")\n\n"
        return imports + "\n\n".join(self.declarations) + f"\n\nfunc {self.name}() {{\n" + "\n".join(main) + "\n}\n"
