package main

import (
	"encoding/json"
	"fmt"
)

type item struct {
	ID    int            `json:"id"`
	Name  string         `json:"name"`
	Tags  []string       `json:"tags"`
	Attrs map[string]any `json:"attrs"`
}

func main() {
	var items []item
	for i := range 2000 {
		items = append(items, item{i, fmt.Sprint("name ", i), []string{"a", "b"}, map[string]any{"x": i, "y": 1.5, "z": nil}})
	}
	size := 0
	for range 10 {
		text, _ := json.Marshal(items)
		var back []item
		if err := json.Unmarshal(text, &back); err != nil {
			panic(err)
		}
		size += len(text) + len(back)
	}
	fmt.Println(size)
}
