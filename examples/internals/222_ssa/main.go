// In SSA form every value is made once, so constants travel along the uses: a branch that cannot be taken disappears, and what only it called.
package main

import (
	"debug/elf"
	"fmt"
	"os"
)

//go:noinline
func never(n int) int { fmt.Println("never", n); return n }

//go:noinline
func sometimes(n int) int { return n + 1 }

//go:noinline
func folded(n int) int {
	width, sum := 6, 0
	if n > 0 {
		width = 3 * 2 // the same on both ways: not a question at run time
	}
	area := width * 7
	if area != 42 {
		sum = never(n)
	}
	unused := n * n * n
	_ = unused
	return area + sum
}

//go:noinline
func asked(n int) int {
	if n*7 != 42 {
		return sometimes(n)
	}
	return n
}

func main() {
	answer := folded(5) + folded(-5) + asked(6)*0
	self, err := os.Executable()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	file, err := elf.Open(self)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	symbols, _ := file.Symbols()
	size := map[string]uint64{}
	for _, s := range symbols {
		size[s.Name] = s.Size
	}
	_, there := size["main.never"]
	fmt.Println("answer:", answer, "- never is in the program:", there, "- sometimes:", size["main.sometimes"] > 0)
	fmt.Println("folded is shorter than asked:", size["main.folded"] < size["main.asked"])
	if answer != 84 || there || size["main.sometimes"] == 0 || size["main.folded"] >= size["main.asked"] {
		fmt.Println(size["main.folded"], size["main.asked"])
		os.Exit(1)
	}
}
