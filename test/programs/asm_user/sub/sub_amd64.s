#include "textflag.h"

TEXT ·Mul(SB), NOSPLIT, $0-24
	MOVQ a+0(FP), AX
	IMULQ b+8(FP), AX
	MOVQ AX, ret+16(FP)
	RET

TEXT ·Sqrt(SB), NOSPLIT, $0-16
	SQRTSD x+0(FP), X0
	MOVSD X0, ret+8(FP)
	RET
