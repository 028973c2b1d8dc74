package main

import (
	"fmt"
	"strings"
)

func main() {
	total := 0
	for i := range 15000 {
		var b strings.Builder
		for j := range 100 {
			b.WriteString("item ")
			b.WriteByte(byte('a' + j%26))
		}
		s := strings.ToUpper(b.String())
		total += strings.Count(s, "ITEM") + len(strings.Fields(s)) + strings.Index(s, "Z") + i
	}
	fmt.Println(total)
}
