"""Programs whose pointer maps miss a root, for the suite stress: what GALEDEBUG=mapcheck is there to find."""
import struct

# A pointer that is an integer across a collection: the layout of the frame says that the word holds none.
HIDDEN = """package main

import (
\t"os"
\t"runtime"
\t"unsafe"
)

type node struct {
\tnext *node
\tv    int
}

var sink *node

//go:noinline
func hidden(write bool) {
\tn := &node{next: &node{v: 1}}
\tsink = n
\tu := uintptr(unsafe.Pointer(n))
\tsink, n = nil, nil
\truntime.GC()
\tq := (*node)(unsafe.Pointer(u))
\tif write {
\t\tq.v = 3
\t\truntime.GC()
\t\tprintln(u == 0)
\t} else {
\t\tprintln(q.next.v)
\t}
}

func main() { hidden(len(os.Args) > 1) }
"""

# A pointer that lives across a call, and a variable with an address. The test clears a bit in the map.
VICTIM = """package main

import "runtime"

type node struct {
\tnext *node
\tv    int
}

var sink *node

//go:noinline
func victim(a, b, c, d, e, f, g *node) int {
\truntime.GC()
\treturn a.v + b.v + c.v + d.v + e.v + f.v + g.v
}

//go:noinline
func fill(to *[2]*node, n *node) { to[1] = n }

//go:noinline
func owner(n *node) int {
\tvar pair [2]*node
\tfill(&pair, n)
\truntime.GC()
\treturn pair[1].v
}

func main() {
\tvar n [7]*node
\tfor i := range n {
\t\tsink = &node{v: i}
\t\tn[i] = sink
\t}
\tprintln(owner(n[0]))
\tprintln(victim(n[0], n[1], n[2], n[3], n[4], n[5], n[6]))
}
"""

LOCALS_POINTER_MAPS = 1  # number of the FUNCDATA


class Image:
    """The file of an executable, addressed as the program sees it."""

    def __init__(self, path):
        self.data = bytearray(path.read_bytes())
        header = struct.unpack_from("<16sHHIQQQIHHHHHH", self.data)
        self.segments = [struct.unpack_from("<IIQQQQQQ", self.data, header[5] + i * header[9]) for i in range(header[10])]
        sections = [struct.unpack_from("<IIQQQQIIQQ", self.data, header[6] + i * header[11]) for i in range(header[12])]
        table = next(s for s in sections if s[1] == 2)
        names = sections[table[6]][4]
        self.symbols = {}
        for at in range(table[4], table[4] + table[5], 24):
            name, _, _, _, value, _ = struct.unpack_from("<IBBHQQ", self.data, at)
            end = self.data.index(0, names + name)
            self.symbols[self.data[names + name:end].decode()] = value

    def offset(self, address):
        for kind, _, offset, start, _, size, _, _ in self.segments:
            if kind == 1 and start <= address < start + size:
                return offset + address - start
        raise ValueError(hex(address))

    def read(self, form, address):
        return struct.unpack_from("<" + form, self.data, self.offset(address))


def clear_bit(path, function, bit):
    """Clears a bit (-1: the last one) in the last pointer map of a function. The formats are those of base/abi/stackmap.h."""
    image = Image(path)
    entry = image.symbols[function]
    module = image.symbols["runtime.gale_module"]
    text, _, pclntab, _, gofunc = image.read("QQQQQ", module + 16)
    count, = image.read("Q", pclntab + 8)
    rows = pclntab + image.read("Q", pclntab + 64)[0]
    table = dict(image.read("II", rows + 8 * i) for i in range(count))
    record = rows + table[entry - text]
    npcdata, = image.read("I", record + 28)
    funcdata_mask, = image.read("B", record + 43)
    before = (funcdata_mask & ((1 << LOCALS_POINTER_MAPS) - 1)).bit_count()
    funcdata, = image.read("I", record + 44 + 4 * npcdata + 4 * before)
    n, nbit = image.read("II", gofunc + funcdata)
    bit %= nbit
    at = image.offset(gofunc + funcdata + 8 + (n - 1) * ((nbit + 7) // 8) + bit // 8)
    assert image.data[at] >> bit % 8 & 1, "the word is listed"
    image.data[at] ^= 1 << bit % 8
    path.write_bytes(image.data)
