// JSON of nested types, there and back.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"time"
)

type Address struct {
	Street string `json:"street"`
	Zip    *int   `json:"zip,omitempty"`
}

type Person struct {
	Name     string            `json:"name"`
	Age      int               `json:"age"`
	Emails   []string          `json:"emails"`
	Home     Address           `json:"home"`
	Work     *Address          `json:"work,omitempty"`
	Tags     map[string]string `json:"tags"`
	Scores   []float64         `json:"scores"`
	Extra    any               `json:"extra"`
	Raw      json.RawMessage   `json:"raw"`
	Duration time.Duration     `json:"duration"`
	hidden   int
}

type Colour int

func (c Colour) MarshalText() ([]byte, error) { return []byte(fmt.Sprintf("colour-%d", int(c))), nil }
func (c *Colour) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "colour-%d", (*int)(c))
	return err
}

func main() {
	zip := 12345
	in := []Person{
		{Name: "Ada", Age: 36, Emails: []string{"ada@example.org", "a<b>&c"}, Home: Address{"1 Analytical Way", &zip},
			Tags: map[string]string{"b": "2", "a": "1"}, Scores: []float64{1.5, 1e21, -0.000001}, Extra: map[string]any{"x": []any{1.0, nil, true}},
			Raw: json.RawMessage(`{"k":[1,2,3]}`), Duration: 90 * time.Second},
		{Name: "Bob \u2028 \"quoted\"", Work: &Address{Street: "Elsewhere"}},
	}
	out, err := json.MarshalIndent(in, "", "  ")
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(string(out))
	var back []Person
	if err := json.Unmarshal(out, &back); err != nil {
		fmt.Println("error:", err)
	}
	again, _ := json.MarshalIndent(back, "", "  ")
	fmt.Println(bytes.Equal(out, again), reflect.DeepEqual(in[0].Tags, back[0].Tags))

	m := map[Colour][]int{3: {1}, 1: {2, 3}}
	text, _ := json.Marshal(m)
	fmt.Println(string(text))
	var m2 map[Colour][]int
	fmt.Println(json.Unmarshal(text, &m2), m2)

	for _, bad := range []string{`{"name": 3}`, `[1,2`, `{"age": "x"}`, `nul`, `{"home": {"zip": 1.5}}`} {
		var p Person
		fmt.Println(json.Unmarshal([]byte(bad), &p))
	}
	d := json.NewDecoder(bytes.NewReader([]byte(`{"a":1} {"b":[true,false]} "str" 12.50`)))
	d.UseNumber()
	for d.More() {
		var v any
		if err := d.Decode(&v); err != nil {
			fmt.Println(err)
			break
		}
		fmt.Printf("%T %v\n", v, v)
	}
}
