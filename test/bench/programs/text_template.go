// text/template: reflection, maps, ranges and pipelines.
package main

import (
	"bytes"
	"fmt"
	"strings"
	"text/template"
)

type item struct {
	Name  string
	Price float64
	Tags  []string
}

func (i item) Expensive() bool { return i.Price > 50 }

const text = `{{define "item"}}{{.Name | upper | printf "%-12s"}} {{printf "%8.2f" .Price}}{{if .Expensive}} !{{end}}{{range $i, $t := .Tags}}{{if $i}}, {{end}}{{$t}}{{end}}
{{end}}{{range .Items}}{{template "item" .}}{{else}}none{{end}}{{len .Items}} items, {{index .Totals "all"}}{{with .Missing}}no{{end}}
`

func main() {
	t := template.Must(template.New("x").Funcs(template.FuncMap{"upper": strings.ToUpper}).Parse(text))
	var items []item
	for i := range 200 {
		items = append(items, item{fmt.Sprint("item", i), float64(i*i%101) + 0.25, []string{"a", "bc", "def"}[:i%4]})
	}
	size := 0
	for round := range 130 {
		var b bytes.Buffer
		err := t.Execute(&b, map[string]any{"Items": items, "Totals": map[string]int{"all": round}, "Missing": nil})
		if err != nil {
			fmt.Println(err)
			return
		}
		size += b.Len()
	}
	fmt.Println(size)
}
