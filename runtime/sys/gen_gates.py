#!/usr/bin/env python3
"""Writes the gate stubs: one assembler function for each CLEAF, GATE and PARK row of base/abi/gates.def.

A stub has the Go symbol's name, is entered with ABIInternal registers, and calls rt_<cpp> (ABI.md section 3).
Before each entry lie 16 bytes for the unwinder (runtime/panic/unwind.cpp, StubInfo):
    u64 magic; u8 words pushed; u8 result words; u16 mask of pointer arguments; u8 mask of pointer results; u8 kind; u16 slow
where `slow` is the offset of the return address of the call of gateslow: at that pc the results lie below the pushed words.

usage: gen_gates.py gates.def > gates.S
"""
import re
import sys

MAGIC = 0x425553455441474C
GO = ["rax", "rbx", "rcx", "rdi", "rsi", "r8", "r9", "r10", "r11"]
SYSV = ["rdi", "rsi", "rdx", "rcx", "r8", "r9"]
KIND = {"CLEAF": 1, "GATE": 2, "PARK": 3}
LETTER = {"p": [1], "w": [0], "b": [0], "s": [1, 0], "l": [1, 0, 0], "e": [1, 1], "f": []}


def rows(path):
    row = re.compile(r'^GATE\((\w+), (\w+), "([^"]*)", "([^"]*)", "([^"]*)"\)')
    for ident, line in enumerate(l for l in open(path) if l.startswith("GATE(")):
        m = row.match(line)
        if not m:
            sys.exit(f"{path}: bad row: {line}")
        yield ident, m.group(1), m.group(2), m.group(3).split(","), m.group(4), m.group(5).split(",")


def words(letters):
    return [w for c in letters for w in LETTER[c]]


def mask(ws):
    return sum(w << i for i, w in enumerate(ws))


def moves(pairs):
    """Orders register moves so that none overwrites a source still needed."""
    out, todo = [], [(d, s) for d, s in pairs if d != s]
    while todo:
        for i, (d, s) in enumerate(todo):
            if all(d != s2 for j, (_, s2) in enumerate(todo) if j != i):
                out.append(f"mov {d}, {s}")
                todo.pop(i)
                break
        else:  # a cycle: break it through r10, which no row of so few words has
            d, s = todo[0]
            out.append(f"mov r10, {s}")
            todo[0] = (d, "r10")
    return out


def stub(ident, kind, cpp, names, sig, flags):
    a, _, r = sig.partition(">")
    args, res = words(a), words(r)
    if len(args) > 9 or len(res) > 4 or (kind == "CLEAF" and (len(args) > 6 or len(res) > 2)):
        sys.exit(f"gates.def: {cpp}: too many words")
    block = kind == "PARK" or (kind == "GATE" and len(args) > 5)
    pushed = args if block else []
    regs = GO[: len(args)]
    out = [f'.section ".text.gate.{cpp}","ax",@progbits', ".p2align 4",
           f".quad {MAGIC:#x}", f".byte {len(pushed)}, {len(res)}", f".short {mask(pushed)}",
           f".byte {mask(res)}, {KIND[kind]}"]
    if "front" in flags:  # assembler has the Go symbols and comes here with what it leaves
        names = [f"rt_gate_{cpp}"]
    name = f'"{names[0]}"'
    noedge = kind == "CLEAF" or "noedge" in flags
    out.append(".short 0" if noedge else f".short .Lslowret_{cpp} - .Lentry_{cpp}")
    for n in names:
        out += [f'.globl "{n}"', f'.type "{n}",@function']
    for n in names[1:]:
        out.append(f'.set "{n}", {name}')
    out += [f"{name}:", f".Lentry_{cpp}:", "push rbp", "mov rbp, rsp"]
    if kind == "CLEAF":
        pairs = list(zip(SYSV, regs))
        if "ctx" in flags:
            pairs.append((SYSV[len(args)], "rdx"))
        out += moves(pairs) + [f"call rt_{cpp}"]
        if len(res) == 2:
            out.append("mov rbx, rdx")
        out += ["xorps xmm15, xmm15", "pop rbp", "ret"]
    else:
        if "fast" in flags:  # the words stay in registers' homes below RBP while the fast function runs
            if block or len(args) > 5:
                sys.exit(f"gates.def: {cpp}: not a row for fast")
            out += [f"push {reg}" for reg in regs] + moves(list(zip(SYSV, regs)) + [(SYSV[len(args)], "r14")])
            out += [f"call rt_{cpp}_fast", "xorps xmm15, xmm15", "test rdx, rdx", f"jz .Lleft_{cpp}"]
            out += [f"mov {GO[i]}, [r14 + G_ret + {8 * i}]" for i in range(1, len(res))]
            out += ["leave", "ret", f".Lleft_{cpp}:"] + [f"pop {reg}" for reg in reversed(regs)]
        for reg in reversed(regs if block else []):
            out.append(f"push {reg}")
        if block:
            out += ["mov rsi, rsp", "mov [r14 + 392], rsp"]
        else:
            pairs = list(zip(SYSV[1:], regs))
            if "ctx" in flags:
                pairs.append((SYSV[1 + len(args)], "rdx"))
            out += moves(pairs)
        out += [f"lea r12, [rip + .Lload_{cpp}]", "mov [r14 + G_sched_sp], rsp", "mov [r14 + G_sched_bp], rbp",
                "mov [r14 + G_sched_pc], r12", f"mov word ptr [r14 + G_gate], {ident}",
                "mov r12, [r14 + G_m]", "mov rsp, [r12 + M_g0sp]", "mov rdi, r14", f"call rt_{cpp}"]
        if kind == "PARK":
            out += ["test eax, eax", f"jnz .Lpark_{cpp}"]
        out += [f".Lload_{cpp}:", "mov rsp, [r14 + G_sched_sp]", "mov rbp, [r14 + G_sched_bp]"]
        if kind == "PARK" or len(res) > 2:
            out += [f"mov {GO[i]}, [r14 + G_ret + {8 * i}]" for i in range(len(res))]
        elif len(res) == 2:
            out.append("mov rbx, rdx")
        if not noedge:
            out += ["cmp dword ptr [r14 + G_edge], 0", f"jne .Lslow_{cpp}"]
        out += [f".Ldone_{cpp}:", "xorps xmm15, xmm15", "leave", "ret"]
        if not noedge:
            out.append(f".Lslow_{cpp}:")
            if res:
                out.append(f"sub rsp, {8 * len(res)}")
            out += [f"mov [rsp + {8 * i}], {GO[i]}" for i in range(len(res))]
            out += ["xorps xmm15, xmm15", 'call "runtime.gateslow"', f".Lslowret_{cpp}:"]
            out += [f"mov {GO[i]}, [rsp + {8 * i}]" for i in range(len(res))]
            out.append(f"jmp .Ldone_{cpp}")
        if kind == "PARK":
            out += [f".Lpark_{cpp}:", "mov rdi, r14", "call rt_park", "ud2"]
    out += [f'.size {name}, . - {name}', ""]
    return "\n".join(out)


def main():
    print("// Generated by runtime/sys/gen_gates.py from base/abi/gates.def.")
    print(".intel_syntax noprefix")
    print("#define FIELD(record, name, offset) .set record##_##name, offset\n#define CONST(name, value)")
    print('#include "base/abi/layout.def"')
    for ident, kind, cpp, names, sig, flags in rows(sys.argv[1]):
        if kind in KIND:
            print(stub(ident, kind, cpp, names, sig, flags))
    print('.section .note.GNU-stack,"",@progbits')


main()
