// strings, strconv, sort, unicode, bufio over standard input, maps and closures.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"
)

type byLen []string

func (b byLen) Len() int { return len(b) }
func (b byLen) Less(i, j int) bool {
	return len(b[i]) < len(b[j]) || len(b[i]) == len(b[j]) && b[i] < b[j]
}
func (b byLen) Swap(i, j int) { b[i], b[j] = b[j], b[i] }

func main() {
	text := "Ĝoja homo — 世界, \xffinvalid\x80! The quick brown fox, the LAZY dog."
	for i, r := range "aé世\xff𝄞" {
		fmt.Print(i, ":", string(r), ":", r, ":", utf8.RuneLen(r), " ")
	}
	fmt.Println(len(text), utf8.RuneCountInString(text), strings.ToUpper(text), strings.Title("hello world"))
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
	sort.Sort(byLen(words))
	fmt.Printf("%q\n", words)
	sort.SliceStable(words, func(i, j int) bool { return strings.ToLower(words[i]) > strings.ToLower(words[j]) })
	fmt.Println(words, sort.SearchInts([]int{1, 3, 5, 7}, 5))
	fmt.Println(strings.Split("a,b,,c", ","), strings.TrimFunc("  xx ", unicode.IsSpace), strings.Index("chicken", "ken"), strings.Map(func(r rune) rune {
		if r == 'a' {
			return -1
		}
		return r + 1
	}, "banana"), strings.EqualFold("Straße", "STRASSE"), strings.Count("cheese", "e"), strings.LastIndex("go gopher", "go"))
	for _, s := range []string{"42", "-7", "0x1f", "1e400", "abc", "9223372036854775808", "3.25", "true", "1_000"} {
		i, err := strconv.Atoi(s)
		f, ferr := strconv.ParseFloat(s, 64)
		b, berr := strconv.ParseBool(s)
		u, uerr := strconv.ParseInt(s, 0, 64)
		fmt.Println(s, i, err, f, ferr, b, berr, u, uerr)
	}
	fmt.Println(strconv.Quote("tab\t\"q\" \u00e9 \x01"), strconv.FormatFloat(1.0/3, 'e', -1, 32), strconv.FormatInt(-255, 16), strconv.AppendQuoteRune(nil, '☺'))
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(w, "a\tb\tc")
	fmt.Fprintln(w, "aaa\tbbbb\tc")
	w.Flush()
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadString('\n')
	fmt.Printf("%q %v\n", line, err)
	var n, m int
	k, err := fmt.Sscanf("12 of 34", "%d of %d", &n, &m)
	fmt.Println(n, m, k, err)
	fmt.Printf("%v %+v %#v %T %08b %o %X %e %g %6.2f|%-6s|%6s|%x|% x|%U|%c|%p\n", struct {
		A int
		B []string
	}{1, []string{"x"}}, struct{ P *int }{nil}, map[string]bool{"k": true}, 'x', 5, 64, 255, 1234.5678, 1e-7, 3.14159, "ab", "cd", "hex", "hex", '☺', '☺', nil)
	fmt.Printf("%d %s %!|%z %d\n", "str", 5, 3)
	var b strings.Builder
	for i := 3; i >= 1; i-- {
		fmt.Fprintf(&b, "%d...", i)
	}
	b.WriteByte('!')
	fmt.Println(b.String(), b.Len())
	r := strings.NewReplacer("<", "&lt;", ">", "&gt;")
	fmt.Println(r.Replace("<b>bold</b>"))
}
