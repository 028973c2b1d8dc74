// A report by text/template: ranges, conditions, functions, nested templates, pipelines.
package main

import (
	"os"
	"strings"
	"text/template"
)

type Item struct {
	Name  string
	Price float64
	Count int
}

func (i Item) Total() float64 { return i.Price * float64(i.Count) }

const text = `{{define "row"}}{{printf "%-12s" .Name}} {{printf "%8.2f" .Price}} x {{.Count}} = {{printf "%9.2f" .Total}}{{end -}}
Report for {{.Customer | upper}}
{{range $i, $item := .Items}}{{if $i}}
{{end}}{{template "row" $item}}{{else}}nothing{{end}}
{{with .Note}}Note: {{.}}{{end}}
{{if and .Paid (gt (len .Items) 2)}}paid in full{{else if .Paid}}paid{{else}}open{{end}}
{{range $k, $v := .Meta}}{{$k}}={{$v}};{{end}}
{{len .Items}} items, {{index .Meta "b"}}, {{eq .Customer "acme" "other"}} {{not .Paid}} {{slice .Customer 1 3}} {{html "<a&b>"}}
`

func main() {
	t := template.Must(template.New("report").Funcs(template.FuncMap{"upper": strings.ToUpper}).Parse(text))
	data := map[string]any{
		"Customer": "acme",
		"Items":    []Item{{"widget", 2.5, 4}, {"gadget", 10, 1}, {"thing", 0.333, 9}},
		"Note":     "handle with care",
		"Paid":     true,
		"Meta":     map[string]int{"b": 2, "a": 1, "c": 3},
	}
	if err := t.Execute(os.Stdout, data); err != nil {
		panic(err)
	}
	data["Items"] = []Item{}
	data["Note"] = ""
	if err := t.Execute(os.Stdout, data); err != nil {
		panic(err)
	}
	if _, err := template.New("bad").Parse("{{.X"); err != nil {
		println(err.Error())
	}
	if err := template.Must(template.New("x").Parse("{{.Missing.Field}}\n")).Execute(os.Stdout, Item{}); err != nil {
		println(err.Error())
	}
}
