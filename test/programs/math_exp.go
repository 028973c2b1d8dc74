// math.Exp to the last bit.
package main

import (
	"fmt"
	"math"
)

func main() {
	for x := -3.0; x < 3; x += 0.25 {
		fmt.Println(x, math.Exp(x))
	}
}
