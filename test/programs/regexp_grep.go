// A grep by regexp over a text in the program.
package main

import (
	"fmt"
	"regexp"
	"strings"
)

const text = `2024-01-05 INFO  server started on port 8080
2024-01-05 WARN  disk /dev/sda1 at 91%
2024-01-06 ERROR request from 10.0.0.17 failed: timeout after 30s
2024-01-06 INFO  user=alice action=login ip=192.168.1.20
2024-01-07 ERROR request from 10.0.0.42 failed: connection refused
2024-01-07 DEBUG x=1 y=22 z=333
`

func main() {
	for _, pattern := range []string{`ERROR.*from (\d+\.\d+\.\d+\.\d+)`, `(?i)info`, `(\w+)=(\w+)`, `^2024-01-0[57]`, `\b\d{2,3}%?\b`, `a(b`, `(?P<level>WARN|ERROR)\s+(?P<rest>.*)$`} {
		re, err := regexp.Compile(pattern)
		if err != nil {
			fmt.Println("error:", err)
			continue
		}
		fmt.Println("==", re, re.NumSubexp(), re.SubexpNames())
		for n, line := range strings.Split(strings.TrimSpace(text), "\n") {
			if m := re.FindStringSubmatch(line); m != nil {
				fmt.Printf("%d: %q at %v\n", n+1, m, re.FindStringIndex(line))
			}
		}
	}
	re := regexp.MustCompile(`(\w+)=(\w+)`)
	fmt.Print(re.ReplaceAllString(text, "$2:=${1}"))
	fmt.Println(re.ReplaceAllStringFunc("a=1 b=2", strings.ToUpper))
	fmt.Println(regexp.MustCompile(`\s*[;,]\s*`).Split("a , b;c ;d,,e", -1))
	fmt.Println(regexp.QuoteMeta("a.b*c[d]"))
}
