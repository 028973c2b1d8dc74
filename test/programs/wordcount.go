// Counts the words of a generated text of about 20 MB and prints the most frequent ones.
package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

func generate(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	words := strings.Fields("the quick brown fox jumps over a lazy dog while seven wizards quietly mix potions under pale moonlight")
	state := uint32(12345)
	for size := 0; size < 20<<20; {
		state = state*1664525 + 1013904223
		word := words[int(state>>16)%len(words)]
		if state>>28 == 3 {
			word = fmt.Sprintf("%s%d", word, state>>8&1023)
		}
		sep := " "
		if state>>24&15 == 0 {
			sep = "\n"
		}
		w.WriteString(word)
		w.WriteString(sep)
		size += len(word) + 1
	}
	return w.Flush()
}

func main() {
	dir, err := os.MkdirTemp("", "wordcount")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "text")
	if err := generate(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	f, _ := os.Open(path)
	defer f.Close()
	counts := map[string]int{}
	lines, total := 0, 0
	scanner := bufio.NewScanner(f)
	for scanner.Scan() {
		lines++
		for _, word := range strings.Fields(scanner.Text()) {
			counts[word]++
			total++
		}
	}
	type entry struct {
		word string
		n    int
	}
	var entries []entry
	for w, n := range counts {
		entries = append(entries, entry{w, n})
	}
	sort.Slice(entries, func(i, j int) bool {
		if entries[i].n != entries[j].n {
			return entries[i].n > entries[j].n
		}
		return entries[i].word < entries[j].word
	})
	fmt.Println(lines, total, len(counts))
	for _, e := range entries[:20] {
		fmt.Printf("%8d %s\n", e.n, e.word)
	}
}
