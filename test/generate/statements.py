"""Random statements, and the larger patterns that are woven in: see Expressions for what keeps them deterministic."""
from expressions import Variable
from go_types import ANY, BOOL, INT, INTEGERS, STRING, showable


class Statements:
    """The statement half of Unit (unit.py)."""

    def begin_statement(self):
        r = self.rng.random()
        self.mode = "calls" if r < 0.5 else "plain"
        self.raw_left = r > 0.7 and self.panics_allowed

    def safe_statement(self):
        """No operation that may panic in what follows, and no calls of functions that may."""
        self.mode, self.raw_left = "plain", False

    def block(self, n):
        """n statements in a scope of their own, as lines."""
        kept, lines = len(self.scope), []
        self.depth += 1
        for _ in range(n):
            if self.cost > 20000:
                break
            self.cost += self.mult
            self.begin_statement()
            lines += self.statement()
        self.depth -= 1
        shown = [v.name for v in self.scope[kept:] if showable(v.type)]
        if shown and not self.pure and self.mult < 30 and self.rng.random() < 0.5:
            lines.append(f'show("{self.fresh_name("s")}", {", ".join(shown[:5])})')
        del self.scope[kept:]
        return lines

    def declare(self, t, text, stem="v", **facts):
        name = self.fresh_name(stem)
        self.scope.append(Variable(name, t, **facts))
        return f"{name} := {text}; _ = {name}"

    def statement(self):
        simple = [self.new_variable, self.new_variable, self.assign, self.assign, self.assign, self.element, self.element, self.several,
                  self.update, self.impure_call, self.grow]
        nested = [self.if_statement, self.for_statement, self.for_statement, self.switch_statement, self.closure, self.type_switch,
                  self.map_loop, self.iterator_loop, self.patterns, self.patterns, self.kernel, self.kernel, self.labelled, self.goto_loop]
        if self.depth < 4 and self.rng.random() < 0.35:
            made = self.rng.choice(nested)()
        else:
            made = self.rng.choice(simple)()
        if made is None:
            made = self.new_variable()
        if self.depth > 1 and self.result is not None and self.rng.random() < 0.05 and self.mult == 1:
            condition = self.plain_condition()
            made += [f"if {condition} {{", "return " + self.returned(self.result), "}"]
        return made

    def plain_condition(self):
        self.begin_statement()
        return self.solid(BOOL, 2) if self.rng.random() < 0.5 else self.bool_operation(BOOL, 2)

    # --- simple statements ------------------------------------------------------------------------------------------------

    def new_variable(self):
        t = self.pick_type()
        if t.kind == "slice":
            growable = self.rng.random() < 0.5
            if growable:
                text = self.literal(t, 2)
            else:
                text = self.expr(t, 3)
            name = self.fresh_name("v")
            self.scope.append(Variable(name, t, growable=growable))
            return [f"var {name} {t.text} = {text}; _ = {name}"]
        if t.kind == "iface" and not t.implementers:
            return self.assign()
        text = self.expr(t, 3)
        name = self.fresh_name("v")
        shared = t.kind in ("ptr", "map") and self.pure
        zero = t.kind not in ("ptr", "func", "map", "iface") and self.rng.random() < 0.15
        self.scope.append(Variable(name, t, shared=shared))
        if zero:
            return [f"var {name} {t.text}; _ = {name}"]
        return [f"var {name} {t.text} = {text}; _ = {name}"]

    def assignable(self, wanted=lambda t: True):
        return [v for v in self.scope if v.mutable and wanted(v.type) and not (self.pure and v in self.globals)]

    def assign(self):
        found = self.assignable(lambda t: t.kind != "slice")
        if not found:
            return None
        v = self.rng.choice(found)
        return [f"{v.name} = {self.expr(v.type, 3)}"]

    def update(self):
        found = self.assignable(lambda t: t.is_number or t.kind == "string")
        if not found:
            return None
        v = self.rng.choice(found)
        t = v.type
        if t.kind == "string":
            return [f"{v.name} += {self.expr(t, 1)}", f"{v.name} = {t.text}(clip(string({v.name})))"]
        if self.rng.random() < 0.3:
            return [v.name + self.rng.choice(["++", "--"])]
        if t.kind == "float":
            return [f"{v.name} {self.rng.choice('+-*')}= {self.expr(t, 2)}"]
        op = self.rng.choice(["+", "-", "*", "&", "|", "^", "&^", "<<", ">>", "/", "%"])
        if op in ("<<", ">>"):
            return [f"{v.name} {op}= {self.solid(self.rng.choice(INTEGERS[5:]), 1)}"]
        if op in "/%":
            if self.raw():
                return [f"{v.name} {op}= {self.solid(t, 1)}"]
            return [f"{v.name} {op}= {self.solid(t, 1)} | 1"]
        return [f"{v.name} {op}= {self.expr(t, 2)}"]

    def place(self):
        """(text, type) of an element, field or pointed-to variable that may be assigned."""
        options = []
        for v in self.assignable():
            t = v.type
            if v.shared and self.pure:
                continue
            if t.kind == "array" and t.size:
                options.append((f"{v.name}[{self.rng.randrange(t.size)}]", t.elem))
                options.append((f"{v.name}[at({self.leaf(INT) or 5}, {t.size})]", t.elem))
            elif t.kind == "struct":
                options += [(f"{v.name}.{n}", f) for n, f in t.fields]
            elif t.kind == "ptr" and not self.pure:
                options.append(("*" + v.name, t.elem))
                if t.elem.kind == "struct":
                    options += [(f"{v.name}.{n}", f) for n, f in t.elem.fields]
        return self.rng.choice(options) if options else None

    def element(self):
        rng = self.rng
        r = rng.random()
        if r < 0.3:
            found = self.assignable(lambda t: t.kind == "map")
            found = [v for v in found if not (v.shared and self.pure)]
            if found:
                v = rng.choice(found)
                key = self.expr(v.type.key, 1)
                if rng.random() < 0.2:
                    return [f"delete({v.name}, {key})"]
                if v.type.elem.is_number and rng.random() < 0.4:
                    return [f"{v.name}[{key}] {rng.choice(['+=', '-=', '*='])} {self.expr(v.type.elem, 1)}"]
                if rng.random() < 0.2:
                    name, ok = self.fresh_name("v"), self.fresh_name("ok")
                    self.scope += [Variable(name, v.type.elem), Variable(ok, BOOL)]
                    return [f"{name}, {ok} := {v.name}[{key}]; _, _ = {name}, {ok}"]
                return [f"{v.name}[{key}] = {self.expr(v.type.elem, 2)}"]
        if r < 0.6:
            found = [v for v in self.assignable(lambda t: t.kind == "slice") if not (v.shared and self.pure) and not self.pure]
            if found:
                v = rng.choice(found)
                self.safe_statement()
                value = self.expr(v.type.elem, 2)
                if rng.random() < 0.3 and self.panics_allowed:
                    self.panics = True
                    return [f"{v.name}[{self.leaf(INT) or 1}&3] = {value}"]
                if rng.random() < 0.3:
                    i, j = self.leaf(INT) or "2", self.leaf(INT) or "1"
                    return [f"if n := len({v.name}); n > 0 {{", f"{v.name}[at({i}, n)], {v.name}[at({j}, n)] = {v.name}[at({j}, n)], {value}", "}"]
                return [f"if n := len({v.name}); n > 0 {{", f"{v.name}[at({self.leaf(INT) or 3}, n)] = {value}", "}"]
        place = self.place()
        if place is None:
            return None
        text, t = place
        if t.is_number and rng.random() < 0.3:
            return [f"{text} {rng.choice(['+=', '-=', '*='])} {self.expr(t, 2)}"]
        return [f"{text} = {self.expr(t, 2)}"]

    def several(self):
        """a, b = b, a+b and the like. gc assigns a before a division for b panics, against the specification: nothing that panics."""
        self.raw_left = False
        found = self.assignable(lambda t: t.kind not in ("slice",))
        if len(found) < 2:
            return None
        chosen = self.rng.sample(found, self.rng.randint(2, min(3, len(found))))
        same = [v for v in found if v.type is chosen[0].type and v is not chosen[0]]
        if same and self.rng.random() < 0.5:
            other = self.rng.choice(same)
            return [f"{chosen[0].name}, {other.name} = {other.name}, {self.expr(chosen[0].type, 2)}"]
        left = ", ".join(v.name for v in chosen)
        return [f"{left} = {', '.join(self.expr(v.type, 2) for v in chosen)}"]

    def impure_call(self):
        if self.pure:
            return None
        found = [f for f in self.functions if not f.pure and self.mult * f.cost < 3000 and (self.panics_allowed or not f.panics)]
        closures = [v for v in self.scope if v.type.kind == "func"]
        if closures and (not found or self.rng.random() < 0.3) and self.mult < 20 and self.panics_allowed:
            v = self.rng.choice(closures)
            self.safe_statement()
            arguments = ", ".join(self.expr(p, 1) for p in v.type.params)
            self.cost += self.mult * 50
            self.panics = True
            return [self.declare(v.type.result, f"{v.name}({arguments})")] if v.type.result.kind != "slice" else [f"_ = {v.name}({arguments})"]
        if not found:
            return None
        f = self.rng.choice(found)
        self.safe_statement()
        text = self.call(f, 2)
        targets = self.assignable(lambda t: t is f.result)
        targets = [v for v in targets if not (v.type.kind == "slice")]
        if targets and self.rng.random() < 0.5:
            return [f"{self.rng.choice(targets).name} = {text}"]
        if f.result.kind == "slice":
            return [f"_ = {text}"]
        return [self.declare(f.result, text)]

    def grow(self):
        found = [v for v in self.assignable(lambda t: t.kind == "slice") if v.growable]
        if not found:
            return None
        v = self.rng.choice(found)
        return [f"{v.name} = append({v.name}, {', '.join(self.expr(v.type.elem, 2) for _ in range(self.rng.randint(1, 3)))})"]

    # --- control flow -------------------------------------------------------------------------------------------------------

    def if_statement(self):
        lines = [f"if {self.plain_condition()} {{"] + self.block(self.rng.randint(1, 3))
        while self.rng.random() < 0.3:
            lines += [f"}} else if {self.plain_condition()} {{"] + self.block(self.rng.randint(1, 2))
        if self.rng.random() < 0.5:
            lines += ["} else {"] + self.block(self.rng.randint(1, 3))
        return lines + ["}"]

    def loop_body(self, n, extra=()):
        """A body that runs at most n times."""
        kept, kept_mult = len(self.scope), self.mult
        self.scope += extra
        self.mult *= max(n, 1)
        self.loop_depth += 1
        lines = self.block(self.rng.randint(1, 4)) if self.mult < 200 else []
        if self.rng.random() < 0.3:
            at = self.rng.randint(0, len(lines)) if self.balanced(lines) else len(lines)
            self.safe_statement()
            lines = lines[:at] + [f"if {self.bool_operation_of(self.scope[:kept] + list(extra))} {{", self.rng.choice(["break", "continue"]), "}"] + lines[at:]
        self.loop_depth -= 1
        self.mult = kept_mult
        del self.scope[kept:]
        return lines

    @staticmethod
    def balanced(lines):
        return all("{" not in line and "}" not in line for line in lines)

    def bool_operation_of(self, scope):
        all_of_it, self.scope = self.scope, list(scope)
        text = self.bool_operation(BOOL, 1)
        self.scope = all_of_it
        return text

    def for_statement(self):
        rng = self.rng
        n = rng.randint(0, 6)
        i = self.fresh_name("i")
        r = rng.random()
        if r < 0.3:
            head = rng.choice([f"for {i} := 0; {i} < {n}; {i}++ {{", f"for {i} := {n}; {i} > 0; {i}-- {{", f"for {i} := 1; {i} < {1 << n}; {i} *= 2 {{",
                               f"for {i} := range {n} {{"])
            return [head, f"_ = {i}"] + self.loop_body(n, [Variable(i, INT, mutable=False)]) + ["}"]
        if r < 0.45:
            t = rng.choice([x for x in self.number_types if x.is_integer])
            return [f"for {i} := {t.text}(0); {i} < {n}; {i}++ {{"] + self.loop_body(n, [Variable(i, t, mutable=False)]) + ["}"]
        if r < 0.6:
            return [f"{i} := 0", f"for {self.plain_condition()} && {i} < {n} {{", i + "++"] + self.loop_body(n, [Variable(i, INT, mutable=False)]) + ["}"]
        found = [v for v in self.scope if v.type.kind == "array"]
        if not found:
            return None
        v = rng.choice(found)
        e = self.fresh_name("e")
        if rng.random() < 0.5:
            return [f"for {i}, {e} := range {v.name} {{", f"_, _ = {i}, {e}"] \
                + self.loop_body(v.type.size, [Variable(i, INT, mutable=False), Variable(e, v.type.elem)]) + ["}"]
        return [f"for {i} := range {v.name} {{", f"_ = {i}"] + self.loop_body(v.type.size, [Variable(i, INT, mutable=False)]) + ["}"]

    def labelled(self):
        rng = self.rng
        label, i, j = self.fresh_name("L"), self.fresh_name("i"), self.fresh_name("j")
        n, m = rng.randint(1, 4), rng.randint(1, 4)
        kept_mult = self.mult
        self.mult *= n * m
        inner = self.loop_body(1, [Variable(i, INT, mutable=False), Variable(j, INT, mutable=False)])
        self.mult = kept_mult
        self.scope += [Variable(i, INT, mutable=False), Variable(j, INT, mutable=False)]
        self.safe_statement()
        jump = [f"if {self.bool_operation(BOOL, 1)} {{", f"{rng.choice(['break', 'continue'])} {label}", "}"]
        if rng.random() < 0.4:
            jump = [f"switch {{", f"case {self.bool_operation(BOOL, 1)}:", f"continue {label}", f"case {self.bool_operation(BOOL, 1)}:", f"break {label}", "}"]
        del self.scope[-2:]
        head = [f"{label}:", f"for {i} := range {n} {{", f"_ = {i}", f"for {j} := {m}; {j} > 0; {j}-- {{"]
        return head + (jump + inner if rng.random() < 0.5 else inner + jump) + ["}", "}"]

    def goto_loop(self):
        label, i = self.fresh_name("G"), self.fresh_name("i")
        n = self.rng.randint(1, 4)
        body = self.loop_body(n, [Variable(i, INT, mutable=False)])
        if any(word in body for word in ("break", "continue")):
            return None
        # In a block of its own: goto must not jump over declarations of its block.
        return ["{", f"{i} := 0", f"{label}:", "{"] + body + ["}", f"if {i} < {n} {{", i + "++", f"goto {label}", "}", "}"]

    def switch_statement(self):
        rng = self.rng
        if rng.random() < 0.4:
            lines = ["switch {"]
            for _ in range(rng.randint(1, 3)):
                lines += [f"case {self.plain_condition()}:"] + self.block(rng.randint(1, 2))
                if rng.random() < 0.2:
                    lines.append("fallthrough")
            lines += ["default:"] + self.block(1)
            return lines + ["}"]
        t = rng.choice([x for x in self.number_types if x.is_integer] + [STRING])
        lines = [f"switch {self.solid(t, 2)} {{"]
        seen = set()
        for _ in range(rng.randint(1, 4)):
            cases = []
            for _ in range(rng.randint(1, 3)):
                v = f'"{rng.choice(["", "a", "go", "gale", "Zebra"])}"' if t is STRING else str(self.number(t))
                if v not in seen:
                    seen.add(v)
                    cases.append(v)
            if cases:
                lines += [f"case {', '.join(cases)}:"] + self.block(rng.randint(1, 2))
        if rng.random() < 0.5:
            lines += ["default:"] + self.block(1)
        return lines + ["}"]

    def type_switch(self):
        rng = self.rng
        found = [v for v in self.scope if v.type is ANY]
        x = self.fresh_name("x")
        types = rng.sample([t for t in self.value_types if t.kind not in ("any", "iface")], 3)
        subject = rng.choice(found).name if found else f"any({self.solid(rng.choice(types), 1)})"
        lines = [f"switch {x} := {subject}.(type) {{"]
        for t in types:
            self.scope.append(Variable(x, t, mutable=False, shared=True))
            lines += [f"case {t.text}:", f"_ = {x}"] + self.block(rng.randint(1, 2))
            self.scope.pop()
        if self.interfaces and rng.random() < 0.5:
            lines += [f"case {rng.choice(self.interfaces).text}:"] + self.block(1)
        if rng.random() < 0.3:
            lines += ["case nil:"] + self.block(1)
        lines += ["default:", f"_ = {x}"] + self.block(1)
        return lines + ["}"]

    def function_literal(self, t):
        """Changes no variable of others: it may be called at any time."""
        names = [self.fresh_name("q") for _ in t.params]
        kept = self.mode, self.raw_left, self.fresh
        self.safe_statement()
        self.fresh = True
        before = len(self.scope)
        self.scope += [Variable(n, p, mutable=False, shared=True) for n, p in zip(names, t.params)]
        text = self.expr(t.result, 2)
        del self.scope[before:]
        self.mode, self.raw_left, self.fresh = kept
        return f"func({', '.join(f'{n} {p.text}' for n, p in zip(names, t.params))}) {t.result.text} {{ return {text} }}"

    def closure(self):
        """A closure that changes what it captures, called a few times."""
        rng = self.rng
        name, t = self.fresh_name("fn"), rng.choice(self.number_types)
        p = self.fresh_name("q")
        kept = self.result, self.named_result
        self.result, self.named_result = t, None
        self.scope.append(Variable(p, t))
        kept_labels, self.mult = self.mult, self.mult * 3
        body = self.block(rng.randint(1, 3))
        self.mult = kept_labels
        last = self.returned(t)
        self.scope.pop()
        self.result, self.named_result = kept
        lines = [f"{name} := func({p} {t.text}) {t.text} {{"] + body + ["return " + last, "}"]
        for _ in range(rng.randint(1, 3)):
            self.safe_statement()
            lines.append(self.declare(t, f"{name}({self.expr(t, 1)})"))
        if rng.random() < 0.3 and not self.pure:
            self.safe_statement()
            lines.append(f"defer {name}({self.expr(t, 1)})")
        return lines

    def map_loop(self):
        """Over a map, whose order is random: only what does not depend on it."""
        rng = self.rng
        found = [v for v in self.scope if v.type.kind == "map"]
        if not found:
            return None
        m = rng.choice(found)
        k, e, total = self.fresh_name("k"), self.fresh_name("e"), self.fresh_name("v")
        t = rng.choice([x for x in self.number_types if x.is_integer])
        kept, self.panics_allowed = self.panics_allowed, False
        self.safe_statement()
        before = len(self.scope)
        self.scope += [Variable(k, m.type.key, mutable=False), Variable(e, m.type.elem, mutable=False)]
        value = self.expr(t, 2)
        condition = self.bool_operation(BOOL, 1)
        del self.scope[before:]
        self.panics_allowed = kept
        self.scope.append(Variable(total, t))
        return [f"var {total} {t.text}", f"for {k}, {e} := range {m.name} {{", f"_, _ = {k}, {e}", f"if {condition} {{",
                f"{total} {rng.choice(['+=', '^=', '*='])} {value}", "}", "}"]

    def iterator_loop(self):
        rng = self.rng
        t = rng.choice([x for x in self.number_types if x.is_integer])
        n, i = rng.randint(0, 6), self.fresh_name("i")
        r = rng.random()
        if r < 0.6:
            lines = [f"for {i} := range count({self.solid(t, 1)}, {n}) {{"] + self.loop_body(n, [Variable(i, t, mutable=False)])
            if self.result is not None and rng.random() < 0.2 and self.named_result is None:
                lines += [f"if {i}&3 == 1 {{", "return " + self.returned(self.result), "}"]
            return lines + [f"_ = {i}", "}"]
        s, e = self.fresh_name("st"), self.fresh_name("e")
        elem = rng.choice(self.plain_types())
        lines = [f"{s} := &stack[{elem.text}]{{}}"]
        for _ in range(rng.randint(1, 4)):
            lines.append(f"{s}.push({self.expr(elem, 1)}).push({self.expr(elem, 1)})" if self.mode != "calls" and not self.raw_left else f"{s}.push({self.expr(elem, 1)})")
        lines += [f"for {i}, {e} := range {s}.all() {{", f"_, _ = {i}, {e}"] + self.loop_body(8, [Variable(i, INT, mutable=False), Variable(e, elem)]) + ["}"]
        v, ok = self.fresh_name("v"), self.fresh_name("ok")
        self.scope += [Variable(v, elem), Variable(ok, BOOL)]
        return lines + [f"{v}, {ok} := {s}.pop(); _, _ = {v}, {ok}"]

    # --- larger patterns -------------------------------------------------------------------------------------------------

    def patterns(self):
        options = [self.generic_calls, self.generic_tree, self.bytes_loop]
        if not self.pure:
            options += [self.deferred, self.recovering, self.probe, self.probe, self.method_values, self.tries]
            if self.mult < 10:
                options += [self.goroutines, self.selects, self.captured_loop]
        return self.rng.choice(options)()

    def generic_calls(self):
        t = self.rng.choice(self.number_types)
        a, b = self.rng.choice(self.plain_types()), self.rng.choice(self.plain_types())
        self.safe_statement()
        p = self.fresh_name("pr")
        lines = [f"{p} := pairOf[{a.text}, {b.text}]({self.expr(a, 1)}, {self.expr(b, 1)}).swap()"]
        lines.append(self.declare(a, p + ".Second"))
        lines.append(self.declare(t, f"larger(same({self.solid(t, 1)}), {self.expr(t, 1)})"))
        if not self.pure and showable(a) and showable(b):
            lines.append(f'show("{self.fresh_name("s")}", {p}, fmt.Sprintf("%T %+v", {p}, {p}))')
        return lines + [f"_ = {p}"]

    def generic_tree(self):
        k, v = self.rng.choice([t for t in self.value_types if t.is_integer or t.kind == "string"]), self.rng.choice(self.plain_types())
        self.safe_statement()
        name, total = self.fresh_name("tr"), self.fresh_name("v")
        lines = [f"var {name} *tree[{k.text}, {v.text}]"]
        for _ in range(self.rng.randint(1, 5)):
            lines.append(f"{name} = {name}.put({self.expr(k, 1)}, {self.expr(v, 1)})")
        lines += [f"{total} := 0", f"for kk, vv := range func(yield func({k.text}, {v.text}) bool) {{ {name}.walk(yield) }} {{", "_, _ = kk, vv", total + "++"]
        if not self.pure and showable(v):
            lines.append(f'show("{self.fresh_name("s")}", kk, vv)')
        if self.rng.random() < 0.4:
            lines += [f"if {total} > 2 {{", "break", "}"]
        self.scope.append(Variable(total, INT))
        return lines + ["}"]

    def bytes_loop(self):
        total, i, c = self.fresh_name("v"), self.fresh_name("i"), self.fresh_name("c")
        self.safe_statement()
        text = self.solid(STRING, 2)
        self.scope.append(Variable(total, INT))
        if self.rng.random() < 0.5:
            return [f"{total} := 0", f"for {i}, {c} := range {text} {{", f"{total} += {i} ^ int({c})", "}"]
        return [f"{total} := 0", f"for {i}, {c} := range []byte({text}) {{", f"{total} = {total}*31 + {i} + int({c})", "}"]

    def deferred(self):
        found = self.assignable(lambda t: t.is_integer)
        if not found:
            return None
        v = self.rng.choice(found)
        self.safe_statement()
        lines = ["func() {"]
        for _ in range(self.rng.randint(1, 3)):
            lines += [f"defer func(x {v.type.text}) {{", f"{v.name} = {v.name}*3 + x", "}(" + self.solid(v.type, 1) + ")"]
        if self.rng.random() < 0.4:
            n, i = self.rng.randint(1, 5), self.fresh_name("i")
            lines += [f"for {i} := range {n} {{", f"defer func() {{ {v.name} += {v.type.text}({i}) }}()", "}"]
        return lines + [f"{v.name}++", "}()"]

    def recovering(self):
        """A function that recovers, and what it returns then."""
        t = self.rng.choice(self.number_types)
        other = self.rng.choice(["nil", f"failure{{{self.rng.randint(0, 99)}}}", '"text"', "42", "errBase", "fmt.Errorf(\"wrapped %w\", errBase)"])
        kept = self.result, self.named_result, self.panics_allowed
        self.result, self.panics_allowed = None, True
        self.named_result = Variable(self.fresh_name("res"), t)
        self.scope.append(self.named_result)
        body = self.block(self.rng.randint(1, 3))
        r = self.named_result.name
        lines = [f"{r}f := func() ({r} {t.text}, err error) {{", "defer func() {", "if x := recover(); x != nil {",
                 f'err = fmt.Errorf("%v", x)', f"{r} += 5", "}", "}()"] + body
        if other != "nil" and self.rng.random() < 0.6:
            self.safe_statement()
            lines += [f"if {self.bool_operation(BOOL, 1)} {{", f"panic({other})", "}"]
        self.result, self.named_result, self.panics_allowed = kept
        self.scope.pop()
        a, e = self.fresh_name("v"), self.fresh_name("err")
        self.scope.append(Variable(a, t))
        return lines + [f"return {r}, nil", "}", f"{a}, {e} := {r}f()", f'show("{self.fresh_name("s")}", {a}, {e})']

    def tries(self):
        kept = self.result, self.panics_allowed
        self.result, self.panics_allowed = None, True
        body = self.block(self.rng.randint(1, 4))
        self.result, self.panics_allowed = kept
        return [f'try("{self.fresh_name("t")}", func() {{'] + body + ["})"]

    def probe(self):
        """One panic of each kind that the run-time system knows."""
        rng, label = self.rng, self.fresh_name("t")
        a, b = rng.randint(0, 5), rng.randint(0, 9)
        t = rng.choice(self.value_types)
        u = rng.choice([x for x in self.value_types if x.kind not in ("any", "iface")])
        self.safe_statement()
        body = rng.choice([
            f"s := make([]int, {a}); s[opaque({b})]++",
            f"var m map[string]int; m[opaque(\"k\")] = {b}",
            f"var p *pair[int, string]; p.Second = opaque(\"x\")",
            f"var p *[{a + 1}]int; show(\"len\", len(p)); p[opaque({min(a, b)})] = 1",
            f"x := opaque({b}); show(\"q\", x / opaque({a}-{a}))",
            f"x := opaque({b}); show(\"s\", x << opaque(-{a}))",
            f"s := opaque(\"{'x' * a}\"); show(\"c\", s[opaque({b})])",
            f"s := opaque(\"{'x' * a}\"); show(\"c\", s[opaque({b}):])",
            f"s := make([]byte, {a}, {a + 3}); show(\"c\", s[opaque({b}):opaque({a})])",
            f"s := make([]byte, {a}, {a + 3}); show(\"c\", cap(s[opaque({a}):opaque({b}):opaque({b})]))",
            f"s := make([]int, {a}); show(\"c\", [3]int(s))",
            f"s := make([]int, {a}); show(\"c\", len((*[2]int)(s)))",
            f"show(\"m\", len(make([]int, opaque(-{a + 1}))))",
            f"show(\"m\", len(make([]int, opaque({a}), opaque({b}))))",
            f"x := any({self.expr(u, 1)}); show(\"a\", x.({rng.choice([y for y in self.value_types if showable(y) and y.kind not in ('any', 'iface')]).text}))",
            "x := any(nil); show(\"a\", x.(fmt.Stringer))",
            f"x := any({self.expr(u, 1)}); show(\"a\", x.(error))",
            "m := map[any]int{}; m[opaque([]int{1})] = 2",
            "x, y := any(opaque([]int{1})), any(opaque([]int{1})); show(\"e\", x == y)",
            "c := make(chan int); close(c); close(c)",
            "c := make(chan int, 1); close(c); c <- 1",
            "var c chan int; close(c)",
            f"panic({self.expr(t, 1) if showable(t) else 3})",
            "panic(failure{3})",
            "panic(fmt.Sprintf(\"%v\", opaque(1.5)))",
            "var f func(int) int; show(\"f\", f(opaque(1)))",
            "var e error; show(\"e\", e.Error())",
            "defer func() { panic(fmt.Sprint(\"again \", recover())) }(); panic(\"first\")",
            "defer func() { defer func() { show(\"inner\", recover()) }(); panic(\"second\") }(); panic(\"first\")",
            f"for i := range count(1, 5) {{ defer show(\"d\", i); if i == {a} {{ panic(i) }} }}",
            f"a := [...]int{{1, 2, 3}}; for i := range {a + 2} {{ show(\"i\", a[i]) }}",
            "var a any = pair[int, []int]{1, nil}; show(\"eq\", a == a)",
            f"show(\"z\", complex(opaque(1.0), 2)/complex(opaque(0.0), 0), opaque({a})%opaque(0))",
        ])
        lines = body.split("; ") if "for " not in body and "defer" not in body else [body]
        return [f'try("{label}", func() {{'] + lines + ["})"]

    def method_values(self):
        found = [(v, m) for v in self.scope for m in v.type.methods if v.type.kind == "struct"]
        found = [(v, m) for v, m in found for f in self.functions if f.name == m[0] and f.pure and (self.panics_allowed or not f.panics) and f.cost * self.mult < 1000]
        if not found:
            return None
        v, (name, params, result, _) = self.rng.choice(found)
        f = [f for f in self.functions if f.name == name][0]
        self.cost += f.cost * self.mult
        self.panics = self.panics or f.panics
        self.safe_statement()
        mv = self.fresh_name("mv")
        lines = [f"{mv} := {v.name}.{name}"]
        place = self.place()
        if place:
            lines.append(f"{place[0]} = {self.expr(place[1], 1)}")
        call = f"{mv}({', '.join(self.expr(p, 1) for p in params)})"
        return lines + ([self.declare(result, call)] if result.kind != "slice" else [f"_ = {call}"])

    def captured_loop(self):
        """Closures made in a loop: each has the loop's variable of its turn."""
        t = self.rng.choice([x for x in self.number_types if x.is_integer])
        n, fs, i = self.rng.randint(1, 5), self.fresh_name("fs"), self.fresh_name("i")
        self.safe_statement()
        self.scope.append(Variable(i, t))
        value = self.expr(t, 2)
        self.scope.pop()
        total = self.fresh_name("v")
        lines = [f"var {fs} []func() {t.text}", f"for {i} := {t.text}(0); {i} < {n}; {i}++ {{", f"{fs} = append({fs}, func() {t.text} {{ {i} += {value}; return {i} }})"]
        if self.rng.random() < 0.4:
            lines.append(f"if {i} == 2 {{ {i}++ }}")
        lines += ["}", f"var {total} {t.text}", f"for _, f := range {fs} {{", f"{total} = {total}*7 + f() + f()", "}"]
        self.scope.append(Variable(total, t))
        return lines

    def goroutines(self):
        rng = self.rng
        t = rng.choice(self.plain_types())
        i, name = self.fresh_name("i"), self.fresh_name("v")
        kept = self.pure, self.panics_allowed
        self.pure, self.panics_allowed = True, False
        self.begin_statement()
        self.raw_left = False
        kept_mult, self.mult = self.mult, self.mult * 5
        before = len(self.scope)
        self.scope.append(Variable(i, INT, mutable=False))
        self.fresh = True
        value = self.expr(t, 3)
        self.fresh = False
        del self.scope[before:]
        self.mult = kept_mult
        self.pure, self.panics_allowed = kept
        lines = [f"{name} := parallel({rng.randint(1, 5)}, func({i} int) {t.text} {{ return {value} }}); _ = {name}"]
        if showable(t):
            lines.append(f'show("{self.fresh_name("s")}", {name})')
        if rng.random() < 0.5:
            lines.append(f'show("{self.fresh_name("s")}", len(through({name}, {rng.randint(0, 4)})))')
        return lines

    def selects(self):
        t = self.rng.choice(self.plain_types())
        self.safe_statement()
        a, b = self.fresh_name("w"), self.fresh_name("v")
        text = f"{a}, {b} := firstReady({self.rng.randint(0, 2)}, {self.expr(t, 2)}); _, _ = {a}, {b}"
        self.scope += [Variable(a, INT), Variable(b, t)]
        return [text]
