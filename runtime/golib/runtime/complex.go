package runtime

import "unsafe"

// complex128div divides as C's annex G says: Smith's method, and infinities and zeros mended where that gave NaN.
func complex128div(n, m complex128) complex128 {
	a, b, c, d := real(n), imag(n), real(m), imag(m)
	var re, im float64
	if magnitude(c) >= magnitude(d) {
		r := d / c
		s := c + r*d
		re, im = (a+b*r)/s, (b-a*r)/s
	} else {
		r := c / d
		s := d + r*c
		re, im = (a*r+b)/s, (b*r-a)/s
	}
	if re == re || im == im {
		return complex(re, im)
	}
	inf := floatOf(0x7ff0000000000000)
	switch {
	case c == 0 && d == 0 && (a == a || b == b):
		re, im = withSign(inf, c)*a, withSign(inf, c)*b
	case (infinite(a) || infinite(b)) && finite(c) && finite(d):
		a, b = unit(a), unit(b)
		re, im = inf*(a*c+b*d), inf*(b*c-a*d)
	case (infinite(c) || infinite(d)) && finite(a) && finite(b):
		c, d = unit(c), unit(d)
		re, im = 0*(a*c+b*d), 0*(b*c-a*d)
	}
	return complex(re, im)
}

func bitsOf(f float64) uint64     { return *(*uint64)(unsafe.Pointer(&f)) }
func floatOf(b uint64) float64    { return *(*float64)(unsafe.Pointer(&b)) }
func magnitude(f float64) float64 { return floatOf(bitsOf(f) &^ (1 << 63)) }
func infinite(f float64) bool     { return magnitude(f) == floatOf(0x7ff0000000000000) }
func finite(f float64) bool       { return f-f == 0 }
func withSign(f, sign float64) float64 {
	return floatOf(bitsOf(f)&^(1<<63) | bitsOf(sign)&(1<<63))
}

// unit is ±1 for an infinity and ±0 for anything else.
func unit(f float64) float64 {
	if infinite(f) {
		return withSign(1, f)
	}
	return withSign(0, f)
}
