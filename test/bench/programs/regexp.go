// Regular expressions: matching, submatches, replacing.
package main

import (
	"fmt"
	"regexp"
	"strings"
)

func main() {
	var b strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&b, "2026-%02d-%02d host%d user%d@example.com GET /path/%d?x=%d 200 %dms\n", i%12+1, i%28+1, i%17, i, i*7, i%5, i%97)
	}
	text := b.String()
	date := regexp.MustCompile(`(\d{4})-(\d\d)-(\d\d)`)
	mail := regexp.MustCompile(`[a-z0-9._]+@[a-z]+\.(com|org)`)
	slow := regexp.MustCompile(`(?m)^.* (9\d)ms$`)
	years := map[string]int{}
	for _, m := range date.FindAllStringSubmatch(text, -1) {
		years[m[2]]++
	}
	fmt.Println(years["01"], years["12"], len(mail.FindAllStringIndex(text, -1)), len(slow.FindAllString(text, -1)))
	out := mail.ReplaceAllStringFunc(text, strings.ToUpper)
	fmt.Println(len(out), strings.Count(out, "EXAMPLE"), len(date.ReplaceAllString(text, "$3.$2.$1")))
}
