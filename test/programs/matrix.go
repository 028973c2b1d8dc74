// Matrix product, n-body and spectral norm: floats to the last bit.
package main

import (
	"fmt"
	"math"
)

func multiply(a, b [][]float64) [][]float64 {
	n := len(a)
	c := make([][]float64, n)
	for i := range c {
		c[i] = make([]float64, n)
		for k := range a[i] {
			x := a[i][k]
			for j := range b[k] {
				c[i][j] += x * b[k][j]
			}
		}
	}
	return c
}

type body struct{ x, y, z, vx, vy, vz, mass float64 }

func energy(bodies []body) float64 {
	var e float64
	for i, b := range bodies {
		e += 0.5 * b.mass * (b.vx*b.vx + b.vy*b.vy + b.vz*b.vz)
		for _, c := range bodies[i+1:] {
			dx, dy, dz := b.x-c.x, b.y-c.y, b.z-c.z
			e -= b.mass * c.mass / math.Sqrt(dx*dx+dy*dy+dz*dz)
		}
	}
	return e
}

func advance(bodies []body, dt float64) {
	for i := range bodies {
		b := &bodies[i]
		for j := i + 1; j < len(bodies); j++ {
			c := &bodies[j]
			dx, dy, dz := b.x-c.x, b.y-c.y, b.z-c.z
			d2 := dx*dx + dy*dy + dz*dz
			mag := dt / (d2 * math.Sqrt(d2))
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
		b.x += dt * b.vx
		b.y += dt * b.vy
		b.z += dt * b.vz
	}
}

func a(i, j int) float64 { return 1 / float64((i+j)*(i+j+1)/2+i+1) }

func main() {
	n := 120
	x, y := make([][]float64, n), make([][]float64, n)
	for i := range n {
		x[i], y[i] = make([]float64, n), make([]float64, n)
		for j := range n {
			x[i][j], y[i][j] = float64(i-j)/float64(n), float64(i*j%7)+0.25
		}
	}
	c := multiply(multiply(x, y), x)
	fmt.Println(c[0][0], c[n/2][n/3], c[n-1][n-1])
	bodies := []body{{0, 0, 0, 0, 0, 0, 39.47}, {4.84, -1.16, -.10, 0.6, 2.81, -.02, .037}, {8.34, 4.12, -4e-1, -1.01, 1.82, .008, .011}, {12.8, -15.1, -.22, 1.08, .86, -.01, .0017}}
	fmt.Printf("%.9f\n", energy(bodies))
	for range 20000 {
		advance(bodies, 0.01)
	}
	fmt.Printf("%.9f %v\n", energy(bodies), bodies[1])
	u, v := make([]float64, 100), make([]float64, 100)
	for i := range u {
		u[i] = 1
	}
	for range 20 {
		for i := range v {
			v[i] = 0
			for j := range u {
				v[i] += a(i, j) * u[j]
			}
		}
		for i := range u {
			u[i] = 0
			for j := range v {
				u[i] += a(j, i) * v[j]
			}
		}
	}
	fmt.Println(u[0], v[50], math.Inf(1), math.NaN(), -0.0, math.MaxFloat64, math.SmallestNonzeroFloat64)
	fmt.Println(math.Sin(1), math.Cos(2), math.Log(10), math.Pow(2, 0.5), math.Floor(-2.5), math.Round(2.5), math.Trunc(-1.7), math.Mod(7, -3), math.Hypot(3, 4), math.Cbrt(27), math.Atan2(1, -1))
	var f32 float32 = 16777216
	fmt.Println(f32+1, float32(0.1), float64(float32(0.1)), complex(1, 2)*complex(3, -1), real(complex(1, 2)/complex(0, 1)))
}
