"""Patterns that the optimiser and the back end look for: loops over small arrays, numbers put together from bytes, bit counting,
induction variables, elements that grow in maps, slices made with their capacity, stores that are overwritten.

Each is a few statements on variables of its own, without effects outside, so it may stand in any function.
"""
from expressions import Variable
from go_types import INT, INTEGERS, slice_of

UNSIGNED = {t.text: t for t in INTEGERS if t.text in ("uint16", "uint32", "uint64")}


class Kernels:
    """A part of Unit (unit.py)."""

    def kernel(self):
        self.safe_statement()
        return self.rng.choice([self.small_array, self.matrix, self.bytes_of_number, self.encoded, self.bit_counting, self.wide_arithmetic,
                                self.rounding, self.induction, self.grown_in_map, self.counted_in_map, self.made_slice, self.overwritten])()

    def some_integer(self):
        return self.rng.choice([t for t in self.number_types if t.is_integer])

    def total(self, t, lines, name, value):
        """lines, and then a variable of type t that is `value`, a number."""
        self.scope.append(Variable(name, t))
        return lines + [f"{name} := {t.text}({value}); _ = {name}"]

    def folded(self, array, t, size):
        """A number that depends on each element of an array and its place."""
        r, i = self.fresh_name("v"), self.fresh_name("i")
        self.scope.append(Variable(r, t))
        head = self.rng.choice([f"for {i} := range {array} {{", f"for {i} := 0; {i} < {size}; {i}++ {{", f"for {i} := {size} - 1; {i} >= 0; {i}-- {{"])
        return [f"var {r} {t.text}", head, f"{r} = {r}*{self.rng.choice([3, 5, 7])} + {array}[{i}]", "}"]

    def small_array(self):
        rng, t = self.rng, self.rng.choice(self.number_types)
        size = rng.choice([2, 3, 4, 5, 8])
        a, i = self.fresh_name("ar"), self.fresh_name("i")
        lines = [f"var {a} [{size}]{t.text}", f"for {i} := range {a} {{", f"{a}[{i}] = {t.text}({i}) + {self.expr(t, 1)}", "}"]
        for _ in range(rng.randint(1, 3)):
            i = self.fresh_name("i")
            lines += rng.choice([
                lambda: [f"for {i} := 0; {i} < {size // 2}; {i}++ {{", f"{a}[{i}], {a}[{size - 1}-{i}] = {a}[{size - 1}-{i}], {a}[{i}]", "}"],
                lambda: [f"for {i} := 1; {i} < {size}; {i}++ {{", f"{a}[{i}] += {a}[{i}-1]", "}"],
                lambda: [f"for {i} := 0; {i} < {size - 1}; {i} += {rng.choice([1, 2])} {{", f"if {a}[{i}] > {a}[{i}+1] {{",
                         f"{a}[{i}], {a}[{i}+1] = {a}[{i}+1], {a}[{i}]", "}", "}"],
                lambda: [f"{a}[at(int({self.solid(self.some_integer(), 1)}), {size})] = {self.expr(t, 1)}"],
                lambda: [f"copy({a}[{rng.randint(0, size)}:], {a}[{rng.randint(0, size - 1)}:])"],
            ])()
        if rng.random() < 0.3:
            b = self.fresh_name("ar")
            lines += [f"{b} := {a}; {b}[{rng.randrange(size)}] = {self.expr(t, 1)}", f"if {a} == {b} {{", f"{a}[0]++", "}"]
        return lines + self.folded(a, t, size)

    def matrix(self):
        rng, t = self.rng, self.rng.choice(self.number_types)
        rows, columns = rng.choice([2, 3, 4]), rng.choice([2, 3, 4])
        m, v, r, i, j = (self.fresh_name(stem) for stem in ("mx", "ve", "ve", "i", "j"))
        return [f"var {m} [{rows}][{columns}]{t.text}; var {v} [{columns}]{t.text}; var {r} [{rows}]{t.text}",
                f"for {j} := range {v} {{", f"{v}[{j}] = {self.expr(t, 1)} - {t.text}({j})", "}",
                f"for {i} := range {m} {{", f"for {j} := range {m}[{i}] {{", f"{m}[{i}][{j}] = {t.text}({i}*{columns}+{j}) + {self.expr(t, 1)}",
                f"{r}[{i}] += {m}[{i}][{j}] * {v}[{j}]", "}", "}"] + self.folded(r, t, rows)

    def bytes_of_number(self):
        """Stores and loads byte by byte, in order, in reverse, or with two of them changed."""
        rng = self.rng
        t = UNSIGNED[rng.choice(list(UNSIGNED))]
        size, b, x, y = t.bits // 8, self.fresh_name("b"), self.fresh_name("x"), self.fresh_name("v")
        offset = rng.randint(0, 3)

        def shifts():
            order = [8 * i for i in range(size)]
            if rng.random() < 0.5:
                order.reverse()
            if rng.random() < 0.25:
                i, j = rng.sample(range(size), 2)
                order[i], order[j] = order[j], order[i]
            return order

        stores = [f"{b}[{offset + i}] = byte({x} >> {s})" for i, s in enumerate(shifts())]
        if rng.random() < 0.3:
            rng.shuffle(stores)
        if rng.random() < 0.3:
            stores.insert(rng.randint(0, size), f"{b}[{offset + rng.randrange(size)}] ^= byte({x})")
        loads = " | ".join(f"{t.text}({b}[{offset + i}])<<{s}" for i, s in enumerate(shifts()))
        array = f"var {b} [12]byte" if rng.random() < 0.5 else f"{b} := make([]byte, 12, 12+at(int({self.solid(self.some_integer(), 1)}), 3))"
        value = self.solid(self.some_integer(), 2)
        if self.intern(t) in self.number_types:
            self.scope.append(Variable(y, t))
        return [array, f"{x} := {t.text}({value})"] + stores + [f"{y} := {loads}; _ = {y}"]

    def encoded(self):
        rng = self.rng
        bits = rng.choice([16, 32, 64])
        put, get = rng.choice(["LittleEndian", "BigEndian"]), rng.choice(["LittleEndian", "BigEndian"])
        b, name = self.fresh_name("b"), self.fresh_name("v")
        value, t = self.solid(self.some_integer(), 2), self.some_integer()
        if rng.random() < 0.5:
            lines = [f"var {b} [16]byte", f"binary.{put}.PutUint{bits}({b}[{rng.randint(0, 8)}:], uint{bits}({value}))"]
        else:
            lines = [f"{b} := binary.{put}.AppendUint{bits}(make([]byte, {rng.randint(0, 8)}), uint{bits}({value}))", f"{b} = append({b}, make([]byte, 8)...)"]
        return self.total(t, lines, name, f"binary.{get}.Uint{rng.choice([16, 32, 64])}({b}[{rng.randint(0, 2)}:])")

    def bit_counting(self):
        rng, source, t, name = self.rng, self.some_integer(), self.some_integer(), self.fresh_name("v")
        bits = rng.choice([8, 16, 32, 64])
        x = f"uint{bits}({self.solid(source, 2)})"
        call = rng.choice(["OnesCount", "LeadingZeros", "TrailingZeros", "Len", "Reverse"] + (["ReverseBytes"] if bits > 8 else []))
        value = f"bits.{call}{bits}({x})"
        if rng.random() < 0.3:
            value = f"bits.RotateLeft{bits}({x}, {rng.choice([str(rng.randint(-9, 70)), f'int({self.solid(source, 1)})'])})"
        return self.total(t, [], name, value)

    def wide_arithmetic(self):
        rng, name, t = self.rng, self.fresh_name("v"), self.some_integer()
        hi, lo, c = self.fresh_name("h"), self.fresh_name("l"), self.fresh_name("c")
        a, b = (f"uint64({self.solid(self.some_integer(), 1)})" for _ in range(2))
        lines = rng.choice([
            [f"{hi}, {lo} := bits.Mul64({a}, {b}); {lo}, {c} := bits.Add64({lo}, {b}, 0); {hi}, _ = bits.Add64({hi}, {a}, {c})"],
            [f"{lo}, {c} := bits.Sub64({a}, {b}, 0); {hi}, {c} := bits.Sub64({b}, {a}, {c}); {lo} += {c}"],
            [f"{hi}, {lo} := bits.Div64({a} % 7, {b}, 7 + {a} % 9)"],
        ])
        return self.total(t, lines, name, f"{hi} ^ {lo}")

    def rounding(self):
        rng, name = self.rng, self.fresh_name("v")
        t = rng.choice([t for t in self.number_types if t.kind == "float"])
        x, y, z = (f"float64({self.solid(t, 1)})" for _ in range(3))
        value = rng.choice([f"math.RoundToEven({x})", f"math.Round({x})", f"math.FMA({x}, {y}, {z})", f"{x}*{y} + {z}",
                            f"math.Trunc({x}/4) + math.Floor({y}) - math.Ceil({z})", f"math.Max({x}, math.Min({y}, {z}))"])
        return self.total(t, [], name, value)

    def induction(self):
        """A loop whose body multiplies, divides and indexes by its variable."""
        rng, t = self.rng, self.some_integer()
        a, i, size, n = self.fresh_name("sl"), self.fresh_name("i"), rng.randint(3, 20), rng.randint(2, 20)
        step, factor = rng.choice([1, 1, 2, 3]), rng.choice([2, 3, 5, 6, 7, 10, 12])
        head = rng.choice([f"for {i} := 0; {i} < {n}; {i} += {step} {{", f"for {i} := {n}; {i} >= 0; {i} -= {step} {{", f"for {i} := range {n} {{",
                           f"for {i} := uint({n}); {i} > 0; {i}-- {{", f"for {i} := int8(100); {i} >= 100; {i} += {step} {{",
                           f"for {i} := int32({n}); {i} != 0; {i}-- {{"])
        index = rng.choice([f"{i} * {factor} % {size}", f"{i} / {step + 1} % {size}", f"({i}*{factor} + {step}) % {size}", f"{i} % {size}"])
        value = rng.choice([f"{t.text}({i} * {factor})", f"{t.text}({i} / {factor})", f"{t.text}({i} % {factor})", f"{t.text}({i}<<3 + {i})"])
        return [f"{a} := make([]{t.text}, {size})", head, f"{a}[{index}] {rng.choice(['+=', '^=', '='])} {value} + {self.expr(t, 1)}", "}"] \
            + self.folded(a, t, f"len({a})")

    def grown_in_map(self):
        rng, t, k = self.rng, self.some_integer(), self.rng.choice(["int", "uint8", "int32", "string", "[2]int16"])
        m, i, r, n = self.fresh_name("m"), self.fresh_name("i"), self.fresh_name("v"), self.rng.randint(1, 30)
        key = {"string": f'"key"[:{i}%4]', "[2]int16": f"[2]int16{{int16({i} % 3), 1}}"}.get(k, f"{k}({i} % {rng.randint(1, 9)})")
        lines = [f"{m} := map[{k}][]{t.text}{{}}", f"for {i} := range {n} {{"]
        lines += rng.choice([[f"{m}[{key}] = append({m}[{key}], {t.text}({i}), {self.expr(t, 1)})"], [f"{m}[{key}] = append({m}[{key}], {self.expr(t, 1)})"],
                             [f"{m}[{key}] = append({m}[{key}], {m}[{key}]...)", f"{m}[{key}] = append({m}[{key}][:len({m}[{key}])/2], {t.text}({i}))"]])
        self.scope.append(Variable(r, t))
        return lines + ["}", f"{r} := {t.text}(len({m})); _ = {r}", f"for _, {i} := range {m} {{", f"{r} += sum({i}) ^ {t.text}(len({i}))", "}"]

    def counted_in_map(self):
        rng, t = self.rng, self.some_integer()
        m, i, r, n = self.fresh_name("m"), self.fresh_name("i"), self.fresh_name("v"), rng.randint(1, 60)
        key = rng.choice([f"{i}*{rng.choice([1, 7, 1 << 33])}", f"{i} % 7", f"{i} ^ int({self.solid(self.some_integer(), 1)})"])
        lines = [f"{m} := make(map[int]{t.text}, {rng.choice([0, 4, 9, 100])})", f"for {i} := range {n} {{"]
        lines += rng.choice([[f"{m}[{key}]++"], [f"{m}[{key}] {rng.choice(['+=', '^=', '|='])} {self.expr(t, 1)}"],
                             [f"if _, ok := {m}[{key}]; !ok {{", f"{m}[{key}] = {self.expr(t, 1)}", "}"],
                             [f"{m}[{key}] = {self.expr(t, 1)}", f"delete({m}, {i} - 3)"]])
        self.scope.append(Variable(r, t))
        return lines + ["}", f"{r} := {t.text}(len({m})); _ = {r}", f"for k, e := range {m} {{", f"{r} += e ^ {t.text}(k)", "}"]

    def made_slice(self):
        """Appended to within the capacity it was made with, or a little past it."""
        rng = self.rng
        t = rng.choice([t for t in self.plain_types() if t.is_number or t.kind in ("string", "struct", "array", "bool")])
        s, i, n = self.fresh_name("sl"), self.fresh_name("i"), rng.randint(0, 9)
        room = rng.choice([str(n), str(n + 1), str(max(n - 1, 0)), f"at(int({self.solid(self.some_integer(), 1)}), 9)", f"{n}"])
        lines = [f"{s} := make([]{t.text}, {rng.choice(['0', '1'])}, 1+{room})", f"for {i} := range {n} {{", f"_ = {i}",
                 f"{s} = append({s}, {', '.join(self.expr(t, 1) for _ in range(rng.choice([1, 1, 2])))})", "}"]
        if rng.random() < 0.3:
            lines += [f"{s} = append({s}[:len({s})/2], {self.expr(t, 1)})"]
        if self.intern(slice_of(t)) in self.value_types:
            self.scope.append(Variable(s, self.intern(slice_of(t)), growable=True))
        r = self.fresh_name("v")
        self.scope.append(Variable(r, INT))
        return lines + [f"{r} := len({s}); _ = {r}"]

    def overwritten(self):
        rng = self.rng
        structs = [t for t in self.value_types if t.kind == "struct" and t.fields and not t.text.startswith("*")]
        if not structs:
            return None
        t = rng.choice(structs)
        x = self.fresh_name("v")
        lines = [self.declare(t, self.literal(t, 1) if rng.random() < 0.5 else f"*new({t.text})", mutable=True)]
        x = self.scope[-1].name
        for _ in range(rng.randint(2, 5)):
            field, ft = rng.choice(t.fields)
            r = rng.random()
            lines.append(f"{x}.{field} = {self.expr(ft, 1)}" if r < 0.7 else f"{x} = {self.literal(t, 1)}")
            if rng.random() < 0.2:
                lines += [f"if {self.bool_operation_of(self.scope)} {{", f"{x}.{field} = {self.expr(ft, 1)}", "}"]
        if rng.random() < 0.3:
            lines += [f"{x} = {t.text}{{}}"]
        return lines
