// Words counted from a bufio.Scanner and printed in order, through a bufio.Writer.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"hash/crc32"
	"sort"
	"strings"
)

func main() {
	var text bytes.Buffer
	x := uint32(1)
	for text.Len() < 6<<20 {
		x = x*1664525 + 1013904223
		n := x >> 20
		fmt.Fprintf(&text, "w%x", n*n>>14)
		if x>>28 == 3 {
			text.WriteString(".\n")
		} else {
			text.WriteByte(' ')
		}
	}
	counts := map[string]int{}
	s := bufio.NewScanner(&text)
	lines := 0
	for s.Scan() {
		lines++
		for _, w := range strings.Fields(s.Text()) {
			counts[strings.ToLower(strings.Trim(w, ".,"))]++
		}
	}
	words := make([]string, 0, len(counts))
	for w := range counts {
		words = append(words, w)
	}
	sort.Slice(words, func(i, j int) bool {
		if counts[words[i]] != counts[words[j]] {
			return counts[words[i]] > counts[words[j]]
		}
		return words[i] < words[j]
	})
	sum := crc32.NewIEEE()
	w := bufio.NewWriter(sum)
	for _, word := range words {
		fmt.Fprintf(w, "%7d %s\n", counts[word], word)
	}
	w.Flush()
	fmt.Printf("%d %d %d %s %08x\n", lines, len(words), counts[words[0]], words[0], sum.Sum32())
}
