// Interface calls of mixed types, type switches, a visitor.
package main

import "fmt"

type shape interface {
	area() float64
	grow(by float64) shape
}

type square struct{ side float64 }
type circle struct{ r float64 }
type rect struct{ w, h float64 }
type scaled struct {
	shape
	factor float64
}

func (s square) area() float64          { return s.side * s.side }
func (s square) grow(by float64) shape  { return square{s.side + by} }
func (c *circle) area() float64         { return 3 * c.r * c.r }
func (c *circle) grow(by float64) shape { c.r += by; return c }
func (r rect) area() float64            { return r.w * r.h }
func (r rect) grow(by float64) shape    { return rect{r.w + by, r.h} }
func (s *scaled) area() float64         { return s.shape.area() * s.factor }
func (s *scaled) grow(by float64) shape { s.factor += by; return s }

func kind(x any) int {
	switch v := x.(type) {
	case square:
		return int(v.side) & 1
	case *circle:
		return 2
	case fmt.Stringer:
		return 9
	case rect:
		return 3
	}
	return 4
}

func main() {
	var shapes []shape
	for i := range 1000 {
		f := float64(i)
		switch i * 7 % 4 {
		case 0:
			shapes = append(shapes, square{f})
		case 1:
			shapes = append(shapes, &circle{f})
		case 2:
			shapes = append(shapes, rect{f, 2})
		default:
			shapes = append(shapes, &scaled{square{f}, 0.5})
		}
	}
	total, kinds := 0.0, 0
	for round := range 20000 {
		for _, s := range shapes {
			total += s.area()
		}
		if round%20 == 0 {
			for i, s := range shapes {
				shapes[i] = s.grow(0.25)
				kinds += kind(s)
			}
		}
	}
	fmt.Printf("%.6e %d\n", total, kinds)
}
