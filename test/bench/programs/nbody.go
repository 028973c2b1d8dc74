package main

import (
	"fmt"
	"math"
)

type body struct{ x, y, z, vx, vy, vz, mass float64 }

func main() {
	bodies := []body{{0, 0, 0, 0, 0, 0, 39.47}, {4.84, -1.16, -.10, 0.6, 2.81, -.02, .037}, {8.34, 4.12, -4e-1, -1.01, 1.82, .008, .011},
		{12.8, -15.1, -.22, 1.08, .86, -.01, .0017}, {15.3, -25.9, .179, .97, .59, -.03, .002}}
	for range 1500000 {
		for i := range bodies {
			b := &bodies[i]
			for j := i + 1; j < len(bodies); j++ {
				c := &bodies[j]
				dx, dy, dz := b.x-c.x, b.y-c.y, b.z-c.z
				d2 := dx*dx + dy*dy + dz*dz
				mag := 0.001 / (d2 * math.Sqrt(d2))
				b.vx -= dx * c.mass * mag
				b.vy -= dy * c.mass * mag
				b.vz -= dz * c.mass * mag
				c.vx += dx * b.mass * mag
				c.vy += dy * b.mass * mag
				c.vz += dz * b.mass * mag
			}
		}
		for i := range bodies {
			b := &bodies[i]
			b.x += 0.001 * b.vx
			b.y += 0.001 * b.vy
			b.z += 0.001 * b.vz
		}
	}
	fmt.Println(bodies[0], bodies[4])
}
