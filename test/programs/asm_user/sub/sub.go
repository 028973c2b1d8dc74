package sub

func Mul(a, b int) int
func Sqrt(x float64) float64
